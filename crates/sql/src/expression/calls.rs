//! Scalar function calls: units, lambdas and overload resolution (spec sections 2.5 and 3.1).

use functions::{ArgumentType, Parameter, Scalar};
use plan::expression::{CallArgument, Expr as Typed, ExprKind as TypedKind};
use types::{SqlType, Value};

use super::{LambdaScope, Typer};
use crate::ast::{Call, Expr, ExprKind, Lambda, Span, TimeUnit};
use crate::error::{Error, Result};

/// An argument on its way to a resolved call.
enum Argument<'e> {
    Value(Option<Typed>),
    Unit(TimeUnit),
    Lambda(&'e Lambda),
}

/// Types of a lambda's parameters, and its typed body.
type LambdaBody = (Vec<SqlType>, Typed);

impl Typer<'_> {
    pub(super) fn call(&mut self, call: &Call, span: Span) -> Result<Typed> {
        let name = &call.function.name;
        let Some(function) = self.functions.scalar(name).cloned() else {
            return Err(self.unknown_function(call));
        };
        let mut arguments = Vec::with_capacity(call.arguments.len());
        for (index, argument) in call.arguments.iter().enumerate() {
            arguments.push(self.argument(&function, index, argument)?);
        }
        let mut types: Vec<ArgumentType> = arguments.iter().map(argument_type).collect();
        let bodies = self.lambda_bodies(&function, &arguments, &mut types, span)?;
        let resolution = function
            .resolve(&types)
            .map_err(|error| Error::invalid_at("function-arguments", error.to_string(), span))?;
        let mut resolved = Vec::with_capacity(arguments.len());
        for ((argument, body), wanted) in
            arguments.into_iter().zip(bodies).zip(&resolution.arguments)
        {
            resolved.push(call_argument(argument, body, wanted.as_ref()));
        }
        let kind = TypedKind::Call {
            function: function.name.to_owned(),
            overload: resolution.overload,
            arguments: resolved,
        };
        Ok(Typed { kind, ty: resolution.returns })
    }

    fn unknown_function(&self, call: &Call) -> Error {
        let name = &call.function.name;
        let message = if self.functions.aggregate(name).is_some() {
            format!("Aggregate function {name} can't be used here.")
        } else if self.functions.table(name).is_some() {
            format!("Table function {name} can't be used here.")
        } else {
            functions::Error::Unknown(name.clone()).to_string()
        };
        Error::invalid_at("unknown-function", message, call.function.span)
    }

    fn argument<'e>(
        &mut self,
        function: &Scalar,
        index: usize,
        argument: &'e Expr,
    ) -> Result<Argument<'e>> {
        match &argument.kind {
            ExprKind::Lambda(lambda) => Ok(Argument::Lambda(lambda)),
            ExprKind::Unit(unit) => Ok(Argument::Unit(*unit)),
            ExprKind::Column(name) if takes_unit(function, index) => {
                match TimeUnit::from_word(&name.name.name) {
                    Some(unit) => Ok(Argument::Unit(unit)),
                    None => self.infer(argument).map(Argument::Value),
                }
            }
            _ => self.infer(argument).map(Argument::Value),
        }
    }

    /// Types the bodies of lambda arguments, left to right, and notes what they return.
    fn lambda_bodies(
        &mut self,
        function: &Scalar,
        arguments: &[Argument<'_>],
        types: &mut [ArgumentType],
        span: Span,
    ) -> Result<Vec<Option<LambdaBody>>> {
        let mut bodies: Vec<Option<LambdaBody>> = arguments.iter().map(|_| None).collect();
        for (index, argument) in arguments.iter().enumerate() {
            let Argument::Lambda(lambda) = argument else { continue };
            let parameters = function.lambda_parameters(types).map_err(|error| {
                Error::invalid_at("function-arguments", error.to_string(), span)
            })?;
            let parameters = parameters.into_iter().nth(index).flatten().ok_or_else(|| {
                let message = format!("Function '{}' takes no lambda here.", function.name);
                Error::invalid_at("function-arguments", message, span)
            })?;
            let body = self.lambda(lambda, &parameters, span)?;
            types[index] = ArgumentType::Lambda {
                parameters: lambda.parameters.len(),
                returns: Some(body.ty.clone()),
            };
            bodies[index] = Some((parameters, body));
        }
        Ok(bodies)
    }

    fn lambda(&mut self, lambda: &Lambda, parameters: &[SqlType], span: Span) -> Result<Typed> {
        if parameters.len() != lambda.parameters.len() {
            let message = format!(
                "Was expecting {} arguments but found {}. Check your lambda statement.",
                parameters.len(),
                lambda.parameters.len()
            );
            return Err(Error::invalid_at("lambda-parameters", message, span));
        }
        for name in &lambda.parameters {
            if self.lambdas.iter().any(|scope| scope.names.contains(name)) {
                let message = "Reusing lambda arguments in nested lambda is not allowed";
                return Err(Error::invalid_at("lambda-parameters", message, name.span));
            }
        }
        self.lambdas
            .push(LambdaScope { names: lambda.parameters.clone(), types: parameters.to_vec() });
        let body = self.typed(&lambda.body);
        self.lambdas.pop();
        body
    }
}

/// Whether any overload takes a unit word as argument `index`.
fn takes_unit(function: &Scalar, index: usize) -> bool {
    let unit = |parameters: &[Parameter]| parameters.get(index) == Some(&Parameter::Unit);
    function.overloads.iter().any(|overload| unit(&overload.parameters))
}

fn argument_type(argument: &Argument<'_>) -> ArgumentType {
    match argument {
        Argument::Value(Some(typed)) => ArgumentType::Sql(typed.ty.clone()),
        Argument::Value(None) => ArgumentType::Null,
        Argument::Unit(_) => ArgumentType::Unit,
        Argument::Lambda(lambda) => {
            ArgumentType::Lambda { parameters: lambda.parameters.len(), returns: None }
        }
    }
}

fn call_argument(
    argument: Argument<'_>,
    body: Option<LambdaBody>,
    wanted: Option<&SqlType>,
) -> CallArgument {
    match (argument, body) {
        (_, Some((parameters, body))) => CallArgument::Lambda { parameters, body },
        (Argument::Value(Some(typed)), None) => {
            let ty = wanted.unwrap_or(&typed.ty).clone();
            CallArgument::Value(typed.cast_to(ty))
        }
        (Argument::Unit(unit), None) => {
            CallArgument::Value(Typed::literal(Value::string(unit.word()), SqlType::String))
        }
        (Argument::Value(None) | Argument::Lambda(_), None) => {
            let ty = wanted.cloned().unwrap_or(SqlType::String);
            CallArgument::Value(Typed::literal(Value::Null, ty))
        }
    }
}
