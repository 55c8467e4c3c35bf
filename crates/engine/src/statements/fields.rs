//! Columns as descriptions show them.

use sql::SourceDefinition;
use sql::planned::Planned;
use types::{Column, WindowKind};

use crate::entity::{FieldInfo, FieldRole};

/// The columns of a source: key, value, headers.
pub fn of_source(source: &SourceDefinition) -> Vec<FieldInfo> {
    let schema = &source.schema;
    let keys = schema.key.iter().map(|column| field(column, FieldRole::Key));
    let values = schema.value.iter().map(|column| field(column, FieldRole::Value));
    let headers = schema
        .headers
        .iter()
        .map(|(column, header)| field(column, FieldRole::Header(header.clone())));
    keys.chain(values).chain(headers).collect()
}

/// The columns of rows of a layout.
pub fn of_layout(layout: &plan::logical::Layout) -> Vec<FieldInfo> {
    let keys = layout.key.iter().map(|column| field(column, FieldRole::Key));
    keys.chain(layout.value.iter().map(|column| field(column, FieldRole::Value))).collect()
}

/// The result columns of a planned SELECT; none for other statements.
pub fn of_select(planned: &Planned) -> Vec<FieldInfo> {
    let columns = match planned {
        Planned::Push(push) => &push.columns,
        Planned::Pull(pull) => &pull.columns,
        _ => return Vec::new(),
    };
    let role = |is_key: bool| if is_key { FieldRole::Key } else { FieldRole::Value };
    columns.iter().map(|result| field(&result.column, role(result.is_key))).collect()
}

fn field(column: &Column, role: FieldRole) -> FieldInfo {
    FieldInfo { column: column.clone(), role }
}

/// ksqlDB's word for a kind of window.
pub fn window_type(window: Option<WindowKind>) -> Option<String> {
    window.map(|kind| {
        let word = match kind {
            WindowKind::Tumbling { .. } => "TUMBLING",
            WindowKind::Hopping { .. } => "HOPPING",
            WindowKind::Session => "SESSION",
        };
        word.to_owned()
    })
}
