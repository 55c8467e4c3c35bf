//! Messages of Google and Confluent that stand for SQL types.

use super::model::Scalar;

/// A message with a meaning of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WellKnown {
    /// `google.protobuf.*Value`: a scalar (field 1) that may be missing.
    Wrapper(Scalar),
    /// `google.protobuf.Timestamp`: seconds (1) and nanoseconds (2).
    Timestamp,
    /// `google.type.Date`: year (1), month (2), day (3).
    Date,
    /// `google.type.TimeOfDay`: hours (1), minutes (2), seconds (3), nanoseconds (4).
    TimeOfDay,
    /// `confluent.type.Decimal`: unscaled bytes (1), precision (2), scale (3).
    Decimal,
}

impl WellKnown {
    /// The message of that full name.
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "google.protobuf.DoubleValue" => Self::Wrapper(Scalar::Double),
            "google.protobuf.FloatValue" => Self::Wrapper(Scalar::Float),
            "google.protobuf.Int64Value" => Self::Wrapper(Scalar::Int64),
            "google.protobuf.UInt64Value" => Self::Wrapper(Scalar::Uint64),
            "google.protobuf.Int32Value" => Self::Wrapper(Scalar::Int32),
            "google.protobuf.UInt32Value" => Self::Wrapper(Scalar::Uint32),
            "google.protobuf.BoolValue" => Self::Wrapper(Scalar::Bool),
            "google.protobuf.StringValue" => Self::Wrapper(Scalar::String),
            "google.protobuf.BytesValue" => Self::Wrapper(Scalar::Bytes),
            "google.protobuf.Timestamp" => Self::Timestamp,
            "google.type.Date" => Self::Date,
            "google.type.TimeOfDay" => Self::TimeOfDay,
            "confluent.type.Decimal" => Self::Decimal,
            _ => return None,
        })
    }
}
