//! Aggregate functions of the test files: one to five columns, variadic ones, constants behind them.

use std::sync::Arc;

use ::functions::{Accumulators, Aggregate, AggregateResolution, ArgumentType, Registry, Result};
use types::{SqlType, Value};

use super::gather::Gather;
use super::no_match;
use super::sums::Sums;

/// Adds the functions.
pub fn register(registry: &mut Registry) {
    use SqlType::{Bigint, Integer, String};
    let integers = [Bigint, String, String, String, Integer];
    let sums = [
        Sum {
            name: "TEST_UDAF",
            columns: vec![Bigint],
            repeated: None,
            constants: Constants::None,
        },
        Sum {
            name: "VAR_ARG",
            columns: vec![Bigint],
            repeated: Some(String),
            constants: Constants::None,
        },
        Sum {
            name: "MID_VAR_ARG",
            columns: vec![Bigint],
            repeated: Some(String),
            constants: Constants::TwoIntegers,
        },
        Sum {
            name: "MULTI_ARG",
            columns: integers[..2].to_vec(),
            repeated: None,
            constants: Constants::IntegerAndTexts,
        },
        Sum {
            name: "FOUR_ARG",
            columns: integers[..4].to_vec(),
            repeated: None,
            constants: Constants::IntegerAndTexts,
        },
        Sum {
            name: "FIVE_ARG",
            columns: integers.to_vec(),
            repeated: None,
            constants: Constants::IntegerAndTexts,
        },
    ];
    sums.into_iter().for_each(|sum| registry.add_aggregate(Arc::new(sum)));
    registry.add_aggregate(Arc::new(First { name: "GENERIC_VAR_ARG", is_uniform: true }));
    registry.add_aggregate(Arc::new(First { name: "OBJ_COL_ARG", is_uniform: false }));
}

/// What stands behind the columns.
#[derive(Clone, Copy, Debug)]
enum Constants {
    None,
    TwoIntegers,
    /// A number and any number of texts.
    IntegerAndTexts,
}

/// Adds up numbers and the lengths of texts, over columns and constants alike.
#[derive(Debug)]
struct Sum {
    name: &'static str,
    columns: Vec<SqlType>,
    /// Type of the columns that may follow.
    repeated: Option<SqlType>,
    constants: Constants,
}

impl Sum {
    /// How many of the arguments are constants, if they may be.
    fn constants_among(&self, arguments: &[ArgumentType]) -> Option<usize> {
        match self.constants {
            Constants::None => Some(0),
            Constants::TwoIntegers => {
                let last = arguments.last_chunk::<2>()?;
                last.iter().all(|ty| fits(ty, &SqlType::Integer)).then_some(2)
            }
            Constants::IntegerAndTexts => {
                let constants = arguments.get(self.columns.len()..)?;
                let (number, texts) = constants.split_first()?;
                let fit = fits(number, &SqlType::Integer)
                    && texts.iter().all(|ty| fits(ty, &SqlType::String));
                fit.then_some(constants.len())
            }
        }
    }

    fn columns_of(&self, arguments: &[ArgumentType]) -> Option<Vec<SqlType>> {
        let (fixed, rest) = arguments.split_at_checked(self.columns.len())?;
        let fixed_fit = fixed.iter().zip(&self.columns).all(|(given, ty)| fits(given, ty));
        let rest_fit =
            rest.iter().all(|given| self.repeated.as_ref().is_some_and(|ty| fits(given, ty)));
        let mut columns = self.columns.clone();
        columns.extend(rest.iter().filter_map(|_| self.repeated.clone()));
        (fixed_fit && rest_fit).then_some(columns)
    }
}

fn fits(given: &ArgumentType, wanted: &SqlType) -> bool {
    match given {
        ArgumentType::Sql(ty) => {
            ty == wanted || (*ty == SqlType::Integer && *wanted == SqlType::Bigint)
        }
        ArgumentType::Null => true,
        ArgumentType::Lambda { .. } | ArgumentType::Unit => false,
    }
}

impl Aggregate for Sum {
    fn name(&self) -> &str {
        self.name
    }

    fn description(&self) -> &str {
        "Adds up numbers and the lengths of texts."
    }

    fn signatures(&self) -> Vec<(Vec<String>, String)> {
        let columns = self.columns.iter().map(ToString::to_string).collect();
        vec![(columns, SqlType::Bigint.to_string())]
    }

    fn resolve(
        &self,
        arguments: &[ArgumentType],
        _constants: &[Option<Value>],
    ) -> Result<AggregateResolution> {
        let constants = self.constants_among(arguments);
        let resolved = constants.and_then(|constants| {
            let columns = self.columns_of(&arguments[..arguments.len() - constants])?;
            Some(AggregateResolution {
                arguments: columns,
                constants,
                returns: SqlType::Bigint,
                can_undo: true,
            })
        });
        resolved.ok_or_else(|| no_match(self.name, arguments))
    }

    fn accumulators(
        &self,
        _arguments: &[SqlType],
        constants: &[Value],
        _returns: &SqlType,
    ) -> Box<dyn Accumulators> {
        Box::new(Sums::new(constants))
    }
}

/// Gathers the first column of the rows in which no argument is NULL.
#[derive(Debug)]
struct First {
    name: &'static str,
    /// Whether there are two columns of any type and those behind them have one type.
    is_uniform: bool,
}

impl Aggregate for First {
    fn name(&self) -> &str {
        self.name
    }

    fn description(&self) -> &str {
        "Gathers the first column where no argument is NULL."
    }

    fn signatures(&self) -> Vec<(Vec<String>, String)> {
        let parameters: &[&str] =
            if self.is_uniform { &["A", "B", "C..."] } else { &["INT", "OBJECT..."] };
        let returns = if self.is_uniform { "ARRAY<A>" } else { "ARRAY<INT>" };
        vec![(parameters.iter().map(ToString::to_string).collect(), returns.to_owned())]
    }

    fn resolve(
        &self,
        arguments: &[ArgumentType],
        _constants: &[Option<Value>],
    ) -> Result<AggregateResolution> {
        let types: Option<Vec<SqlType>> = arguments.iter().map(sql_type).collect();
        let fit = types.filter(|types| match types.as_slice() {
            [_, _, rest @ ..] if self.is_uniform => rest.windows(2).all(|pair| pair[0] == pair[1]),
            [first, ..] => !self.is_uniform && *first == SqlType::Integer,
            [] => false,
        });
        let types = fit.ok_or_else(|| no_match(self.name, arguments))?;
        let returns = SqlType::array(types[0].clone());
        Ok(AggregateResolution { arguments: types, constants: 0, returns, can_undo: false })
    }

    fn accumulators(
        &self,
        _arguments: &[SqlType],
        _constants: &[Value],
        returns: &SqlType,
    ) -> Box<dyn Accumulators> {
        Box::new(Gather::new(returns))
    }
}

fn sql_type(argument: &ArgumentType) -> Option<SqlType> {
    match argument {
        ArgumentType::Sql(ty) => Some(ty.clone()),
        _ => None,
    }
}
