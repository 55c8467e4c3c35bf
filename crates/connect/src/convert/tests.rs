//! Tests of schemas and writers.
