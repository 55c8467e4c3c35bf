//! Every family of scalar functions.

use super::{
    array_sets, arrays, concat, date_arithmetic, date_formats, encoding, geo, greatest, json,
    lambdas, maps, mask, math, nulls, regexp, rounding, split, strings, substring, to_json, url,
};
use crate::Registry;

/// Adds every built-in scalar function to `registry`.
pub(crate) fn register(registry: &mut Registry) {
    let families = [
        array_sets::register,
        arrays::register,
        concat::register,
        date_arithmetic::register,
        date_formats::register,
        encoding::register,
        geo::register,
        greatest::register,
        json::register,
        lambdas::register,
        maps::register,
        mask::register,
        math::register,
        nulls::register,
        regexp::register,
        rounding::register,
        split::register,
        strings::register,
        substring::register,
        to_json::register,
        url::register,
    ];
    families.into_iter().for_each(|family| family(registry));
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As many as ksqlDB has.
    const SCALAR_FUNCTIONS: usize = 129;

    #[test]
    fn every_function_is_there_and_described() {
        let mut registry = Registry::default();
        register(&mut registry);
        assert_eq!(registry.scalars().count(), SCALAR_FUNCTIONS);
        for function in registry.scalars() {
            assert_eq!(function.name, function.name.to_uppercase());
            assert!(function.description.ends_with('.'), "{}", function.name);
            assert!(!function.overloads.is_empty(), "{}", function.name);
        }
    }
}
