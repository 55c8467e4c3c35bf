//! Reads JSON values into column builders.

use std::collections::HashMap;

use jiter::{Jiter, Peek};
use types::{Column, SqlType};

use super::fields::{Fields, Match};
use super::scalars::{self, malformed, mismatch};
use super::text::write_as_text;
use crate::builder::{ArrayBuilder, ColumnBuilder, Data, MapBuilder};
use crate::fault::{Decode, Fault};

/// What the reader needs to know of a type beyond its builder: the field names of its STRUCTs.
#[derive(Clone, Debug)]
pub enum Shape {
    /// No STRUCT inside.
    Scalar,
    /// ARRAY elements or MAP values.
    Nested(Box<Shape>),
    /// STRUCT fields.
    Struct(Members),
}

/// The members of an object: columns of a record, fields of a STRUCT.
#[derive(Clone, Debug)]
pub struct Members {
    fields: Fields,
    shapes: Vec<Shape>,
    /// Whether this object's member was found by its exact name.
    exact: Vec<bool>,
}

impl Shape {
    /// The shape of `ty`.
    pub fn of(ty: &SqlType) -> Self {
        match ty {
            SqlType::Array(element) => Self::Nested(Box::new(Self::of(element))),
            SqlType::Map(_, value) => Self::Nested(Box::new(Self::of(value))),
            SqlType::Struct(fields) => {
                Self::Struct(Members::new(fields.iter().map(|f| (f.name.as_str(), &f.ty))))
            }
            _ => Self::Scalar,
        }
    }

    fn nested(&mut self) -> &mut Self {
        match self {
            Self::Nested(inner) => inner,
            other => unreachable!("{other:?} has no elements"),
        }
    }
}

impl Members {
    /// Members called and typed so.
    pub fn new<'a>(members: impl Iterator<Item = (&'a str, &'a SqlType)>) -> Self {
        let (names, shapes): (Vec<String>, Vec<Shape>) =
            members.map(|(name, ty)| (name.to_owned(), Shape::of(ty))).unzip();
        let exact = vec![false; names.len()];
        Self { fields: Fields::new(names), shapes, exact }
    }

    /// The members that `columns` are.
    pub fn of_columns(columns: &[Column]) -> Self {
        Self::new(columns.iter().map(|column| (column.name.as_str(), &column.ty)))
    }

    /// Reads the object that stands next into one row of every builder. On a fault the builders
    /// may hold a part of the row.
    pub fn read(
        &mut self,
        json: &mut Jiter<'_>,
        builders: &mut [ColumnBuilder],
        row: usize,
    ) -> Decode<()> {
        self.exact.fill(false);
        let mut position = 0;
        let mut found = self.find(position, json.known_object().map_err(malformed)?);
        while let Some(members) = found {
            self.read_field(json, members, builders, row)?;
            position += 1;
            found = self.find(position, json.next_key().map_err(malformed)?);
        }
        for builder in builders {
            if builder.len() == row {
                builder.append_null();
            }
        }
        Ok(())
    }

    fn find(&mut self, position: usize, name: Option<&str>) -> Option<Match> {
        name.map(|name| self.fields.find(position, name))
    }

    fn read_field(
        &mut self,
        json: &mut Jiter<'_>,
        found: Match,
        builders: &mut [ColumnBuilder],
        row: usize,
    ) -> Decode<()> {
        let peek = json.peek().map_err(malformed)?;
        let folded = found.folded.filter(|index| !self.exact[*index]);
        if let Some(index) = found.exact {
            self.exact[index] = true;
        }
        let (Some(first), second) = (match (found.exact, folded) {
            (Some(exact), folded) => (Some(exact), folded),
            (None, folded) => (folded, None),
        }) else {
            return json.known_skip(peek).map_err(malformed);
        };
        if let Some(index) = second {
            // Two columns take this field: read it once ahead of the shared position.
            self.read_member(&mut json.clone(), peek, index, &mut builders[index], row)?;
        }
        self.read_member(json, peek, first, &mut builders[first], row)
    }

    fn read_member(
        &mut self,
        json: &mut Jiter<'_>,
        peek: Peek,
        index: usize,
        builder: &mut ColumnBuilder,
        row: usize,
    ) -> Decode<()> {
        if builder.len() > row {
            // The field was there before: the last one wins.
            builder.truncate(row);
        }
        read_value(json, peek, &mut self.shapes[index], builder)
            .map_err(|fault| fault.within_field(self.fields.name(index)))
    }
}

/// Reads the value that stands next as one row of `builder`.
pub fn read_value(
    json: &mut Jiter<'_>,
    peek: Peek,
    shape: &mut Shape,
    builder: &mut ColumnBuilder,
) -> Decode<()> {
    if peek == Peek::Null {
        json.known_null().map_err(malformed)?;
        builder.append_null();
        return Ok(());
    }
    let row = builder.len();
    match builder.data_mut() {
        Data::Boolean(values) => values.append(scalars::boolean(json, peek)?),
        Data::Integer(values) => values.push(scalars::integer(json, peek)?),
        Data::Bigint(values) => values.push(scalars::long(json, peek, "BIGINT")?),
        Data::Double(values) => values.push(scalars::double(json, peek)?),
        Data::Decimal(values) => {
            values.push(scalars::decimal(json, peek, values.precision, values.scale)?);
        }
        Data::String(text) => write_as_text(json, peek, text.open())?,
        Data::Bytes(bytes) => scalars::bytes(json, peek, bytes.open())?,
        Data::Time(values) => values.push(scalars::time(json, peek)?),
        Data::Date(values) => values.push(scalars::integer(json, peek)?),
        Data::Timestamp(values) => values.push(scalars::long(json, peek, "TIMESTAMP")?),
        Data::Array(array) => read_array(json, peek, shape.nested(), array)?,
        Data::Map(map) => read_map(json, peek, shape.nested(), map)?,
        Data::Struct(fields) => read_struct(json, peek, shape, &mut fields.members, row)?,
    }
    builder.end_value();
    Ok(())
}

fn read_array(
    json: &mut Jiter<'_>,
    peek: Peek,
    element: &mut Shape,
    array: &mut ArrayBuilder,
) -> Decode<()> {
    if peek != Peek::Array {
        return Err(mismatch(json, peek, "ARRAY"));
    }
    let mut next = json.known_array().map_err(malformed)?;
    let mut index = 0;
    while let Some(peek) = next {
        read_value(json, peek, element, &mut array.items).map_err(|f| f.within_item(index))?;
        index += 1;
        next = json.array_step().map_err(malformed)?;
    }
    Ok(())
}

fn read_struct(
    json: &mut Jiter<'_>,
    peek: Peek,
    shape: &mut Shape,
    builders: &mut [ColumnBuilder],
    row: usize,
) -> Decode<()> {
    match shape {
        Shape::Struct(members) if peek == Peek::Object => members.read(json, builders, row),
        _ => Err(mismatch(json, peek, "STRUCT")),
    }
}

fn read_map(
    json: &mut Jiter<'_>,
    peek: Peek,
    value: &mut Shape,
    map: &mut MapBuilder,
) -> Decode<()> {
    if peek != Peek::Object {
        return Err(mismatch(json, peek, "MAP"));
    }
    let start = map.open_start();
    let again = json.clone();
    read_entries(json, value, map, &|_| true)?;
    if let Some(last) = last_entries(map, start) {
        map.keys.truncate(start);
        map.values.truncate(start);
        read_entries(&mut again.clone(), value, map, &|index| last[index])?;
    }
    Ok(())
}

fn read_entries(
    json: &mut Jiter<'_>,
    value: &mut Shape,
    map: &mut MapBuilder,
    wanted: &dyn Fn(usize) -> bool,
) -> Decode<()> {
    let mut index = 0;
    let mut found = append_key(json.known_object().map_err(malformed)?, map, wanted(index))?;
    while found {
        let peek = json.peek().map_err(malformed)?;
        if wanted(index) {
            read_value(json, peek, value, &mut map.values)?;
        } else {
            json.known_skip(peek).map_err(malformed)?;
        }
        index += 1;
        let key = json.next_key().map_err(malformed)?;
        let wants = key.is_some() && wanted(index);
        found = append_key(key, map, wants)?;
    }
    Ok(())
}

fn append_key(key: Option<&str>, map: &mut MapBuilder, wanted: bool) -> Decode<bool> {
    let Some(key) = key else { return Ok(false) };
    if wanted {
        let Data::String(text) = map.keys.data_mut() else {
            return Err(Fault::new("JSON only supports MAP types with STRING keys"));
        };
        text.open().extend_from_slice(key.as_bytes());
        map.keys.end_value();
    }
    Ok(true)
}

/// When keys repeat: which entries are the last of their key.
fn last_entries(map: &mut MapBuilder, start: usize) -> Option<Vec<bool>> {
    let entries = map.keys.len() - start;
    if entries < 2 {
        return None;
    }
    let Data::String(text) = map.keys.data_mut() else { return None };
    let keys = || (0..entries).map(|index| text.value(start + index));
    let mut last_of = HashMap::with_capacity(entries);
    for (index, key) in keys().enumerate() {
        last_of.insert(key, index);
    }
    (last_of.len() < entries)
        .then(|| keys().enumerate().map(|(index, key)| last_of[key] == index).collect())
}
