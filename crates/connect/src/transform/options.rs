//! The properties that choose transforms.

use crate::config::{Kind, OptionDef};

/// `transforms` and the families of each.
pub const TRANSFORM_OPTIONS: &[OptionDef] = &[
    OptionDef::new("transforms", Kind::List, "names of the transforms, in order"),
    OptionDef::new("transforms.*", Kind::Text, "a transform's type and properties"),
    OptionDef::new("predicates", Kind::Only(""), ""),
];
