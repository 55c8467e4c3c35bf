//! Properties in environment variables, named as in ksqlDB's container image: `KSQL_` and then the
//! property in capitals, `_` for a dot, `__` for an underscore, `___` for a hyphen.

/// Prefix of the variables that are properties.
const PREFIX: &str = "KSQL_";
/// Variables of ksqlDB's image that set up its Java process and are no properties.
const NOT_PROPERTIES: [&str; 7] =
    ["OPTS", "HEAP_OPTS", "JVM_PERFORMANCE_OPTS", "LOG4J_OPTS", "CLASSPATH", "DEBUG", "JMX_OPTS"];

/// The property that a variable sets, if it sets one.
pub fn property_of(variable: &str) -> Option<String> {
    let rest = variable.strip_prefix(PREFIX)?;
    if rest.is_empty() || NOT_PROPERTIES.contains(&rest) || rest.starts_with("LOG4J_") {
        return None;
    }
    let mut property = String::with_capacity(rest.len());
    let mut underscores = 0;
    for c in rest.chars() {
        if c == '_' {
            underscores += 1;
            continue;
        }
        push_separators(&mut property, underscores);
        underscores = 0;
        property.extend(c.to_lowercase());
    }
    push_separators(&mut property, underscores);
    Some(property)
}

fn push_separators(property: &mut String, underscores: usize) {
    for _ in 0..underscores / 3 {
        property.push('-');
    }
    match underscores % 3 {
        1 => property.push('.'),
        2 => property.push('_'),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::property_of;

    #[test]
    fn variables_name_properties_as_in_ksqldbs_image() {
        let of = |variable| property_of(variable).unwrap_or_default();
        assert_eq!(of("KSQL_KSQL_SERVICE_ID"), "ksql.service.id");
        assert_eq!(of("KSQL_LISTENERS"), "listeners");
        assert_eq!(
            of("KSQL_KSQL_FUNCTIONS_COLLECT__LIST_LIMIT"),
            "ksql.functions.collect_list.limit"
        );
        assert_eq!(of("KSQL_A___B"), "a-b");
        assert_eq!(property_of("KSQL_HEAP_OPTS"), None);
        assert_eq!(property_of("HOME"), None);
    }
}
