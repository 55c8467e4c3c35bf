//! Avro's schema resolution: can a reader with one schema read what was written with another?
//!
//! The rules are the specification's as Avro's Java library applies them: named types by their simple
//! name or the reader's aliases, fields by name or the reader's aliases, defaults for fields that
//! were not written, promotions, unions branch by branch.

use std::collections::HashSet;

use formats::avro_schema::{Document, Enum, Field, Kind, Record, Schema};

/// One reason why a reader can't read, and where in its schema.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    kind: FindingKind,
    path: String,
    /// What the finding is about: a type, a name, symbols.
    subject: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum FindingKind {
    TypeMismatch,
    NameMismatch,
    FixedSizeMismatch,
    MissingEnumSymbols,
    MissingUnionBranch,
    ReaderFieldMissingDefaultValue,
}

impl Finding {
    /// The finding as text, with the two schemas called so.
    pub fn describe(&self, reader: &str, writer: &str) -> String {
        let Self { kind, path, subject } = self;
        let (word, text) = match kind {
            FindingKind::TypeMismatch => (
                "TYPE_MISMATCH",
                format!(
                    "the {reader} schema's type at '{path}' can not read the {writer} schema's"
                ),
            ),
            FindingKind::NameMismatch => (
                "NAME_MISMATCH",
                format!(
                    "the {reader} schema's type at '{path}' has another name than the {writer} schema's"
                ),
            ),
            FindingKind::FixedSizeMismatch => (
                "FIXED_SIZE_MISMATCH",
                format!(
                    "the fixed type at '{path}' has another size in the {reader} schema than in the {writer} schema"
                ),
            ),
            FindingKind::MissingEnumSymbols => (
                "MISSING_ENUM_SYMBOLS",
                format!("the {reader} schema lacks symbols of the {writer} schema at '{path}'"),
            ),
            FindingKind::MissingUnionBranch => (
                "MISSING_UNION_BRANCH",
                format!(
                    "the {reader} schema's union lacks a type of the {writer} schema at '{path}'"
                ),
            ),
            FindingKind::ReaderFieldMissingDefaultValue => (
                "READER_FIELD_MISSING_DEFAULT_VALUE",
                format!(
                    "field '{subject}' at '{path}' of the {reader} schema has no default value and is missing in the {writer} schema"
                ),
            ),
        };
        format!("{{errorType:'{word}', description:'{text}', additionalInfo:'{subject}'}}")
    }
}

/// Everything that keeps `reader` from reading what was written with `writer`.
pub fn incompatibilities(reader: &Document, writer: &Document) -> Vec<Finding> {
    let mut check =
        Check { reader, writer, path: Vec::new(), findings: Vec::new(), assumed: HashSet::new() };
    check.schemas(&reader.root, &writer.root);
    check.findings
}

struct Check<'a> {
    reader: &'a Document,
    writer: &'a Document,
    path: Vec<String>,
    findings: Vec<Finding>,
    /// Pairs of named types under way or done: recursion takes them to be compatible.
    assumed: HashSet<(String, String)>,
}

impl<'a> Check<'a> {
    fn report(&mut self, kind: FindingKind, step: Option<&str>, subject: impl Into<String>) {
        let steps = self.path.iter().map(String::as_str).chain(step);
        let path = format!("/{}", steps.collect::<Vec<_>>().join("/"));
        self.findings.push(Finding { kind, path, subject: subject.into() });
    }

    fn at(&mut self, step: impl Into<String>, check: impl FnOnce(&mut Self)) {
        self.path.push(step.into());
        check(self);
        self.path.pop();
    }

    fn schemas(&mut self, reader: &'a Schema, writer: &'a Schema) {
        let (reader, writer) = (self.reader.resolve(reader), self.writer.resolve(writer));
        match (&reader.kind, &writer.kind) {
            (Kind::Union(_), Kind::Union(written)) => self.unions(reader, written),
            (_, Kind::Union(written)) => {
                written.iter().for_each(|branch| self.schemas(reader, branch))
            }
            (Kind::Union(branches), _) => self.union_of(branches, writer),
            (Kind::Array(r), Kind::Array(w)) => self.at("items", |c| c.schemas(r, w)),
            (Kind::Map(r), Kind::Map(w)) => self.at("values", |c| c.schemas(r, w)),
            (Kind::Fixed(r), Kind::Fixed(w)) => {
                self.names(&r.name, &r.aliases, &w.name);
                if r.size != w.size {
                    let subject = format!("expected: {}, found: {}", w.size, r.size);
                    self.report(FindingKind::FixedSizeMismatch, Some("size"), subject);
                }
            }
            (Kind::Enum(r), Kind::Enum(w)) => self.enums(r, w),
            (Kind::Record(r), Kind::Record(w)) => self.records(r, w),
            (r, w) if promotes(w, r) => {}
            _ => {
                let subject = format!(
                    "reader type: {} not compatible with writer type: {}",
                    reader.type_name(),
                    writer.type_name()
                );
                self.report(FindingKind::TypeMismatch, None, subject);
            }
        }
    }

    /// Whether these two go together, without noting why not.
    fn compatible(&mut self, reader: &'a Schema, writer: &'a Schema) -> bool {
        let mut attempt = Check {
            reader: self.reader,
            writer: self.writer,
            path: Vec::new(),
            findings: Vec::new(),
            assumed: self.assumed.clone(),
        };
        attempt.schemas(reader, writer);
        let compatible = attempt.findings.is_empty();
        if compatible {
            // What was found to go together need not be looked at again.
            self.assumed = attempt.assumed;
        }
        compatible
    }

    fn unions(&mut self, reader: &'a Schema, written: &'a [Schema]) {
        for (index, branch) in written.iter().enumerate() {
            if !self.compatible(reader, branch) {
                let subject = format!("reader union lacking writer type: {}", branch.type_name());
                self.report(FindingKind::MissingUnionBranch, Some(&index.to_string()), subject);
            }
        }
    }

    fn union_of(&mut self, branches: &'a [Schema], writer: &'a Schema) {
        if !branches.iter().any(|branch| self.compatible(branch, writer)) {
            let subject = format!("reader union lacking writer type: {}", writer.type_name());
            self.report(FindingKind::MissingUnionBranch, None, subject);
        }
    }

    fn names(&mut self, reader: &str, aliases: &[String], writer: &str) {
        let simple = |name: &str| name.rsplit('.').next().unwrap_or(name).to_owned();
        if simple(reader) != simple(writer) && !aliases.iter().any(|alias| alias == writer) {
            self.report(FindingKind::NameMismatch, Some("name"), format!("expected: {writer}"));
        }
    }

    fn enums(&mut self, reader: &Enum, writer: &Enum) {
        self.names(&reader.name, &reader.aliases, &writer.name);
        let unknown = |symbol: &&String| !reader.symbols.contains(symbol);
        let missing: Vec<&str> =
            writer.symbols.iter().filter(unknown).map(String::as_str).collect();
        if !missing.is_empty() && reader.default.is_none() {
            let subject = format!("[{}]", missing.join(", "));
            self.report(FindingKind::MissingEnumSymbols, Some("symbols"), subject);
        }
    }

    fn records(&mut self, reader: &'a Record, writer: &'a Record) {
        self.names(&reader.name, &reader.aliases, &writer.name);
        if !self.assumed.insert((reader.name.to_string(), writer.name.to_string())) {
            return;
        }
        for (index, field) in reader.fields.iter().enumerate() {
            self.at("fields", |c| c.at(index.to_string(), |c| c.field(field, writer)));
        }
    }

    fn field(&mut self, field: &'a Field, writer: &'a Record) {
        let named = |name: &str| writer.fields.iter().find(|f| f.name == name);
        let aliased = || field.aliases.iter().find_map(|alias| named(alias));
        match named(&field.name).or_else(aliased) {
            Some(written) => self.at("type", |c| c.schemas(&field.schema, &written.schema)),
            None if field.default.is_some() => {}
            None => {
                self.report(FindingKind::ReaderFieldMissingDefaultValue, None, field.name.clone());
            }
        }
    }
}

/// Whether a value written as `writer` can be taken for `reader`: primitives, by themselves or
/// widened.
fn promotes(writer: &Kind, reader: &Kind) -> bool {
    use Kind::{Boolean, Bytes, Double, Float, Int, Long, Null, String};
    matches!(
        (writer, reader),
        (Null, Null)
            | (Boolean, Boolean)
            | (Int, Int | Long | Float | Double)
            | (Long, Long | Float | Double)
            | (Float, Float | Double)
            | (Double, Double)
            | (String | Bytes, String | Bytes)
    )
}
