//! Tests of the connector's parts against one another.
