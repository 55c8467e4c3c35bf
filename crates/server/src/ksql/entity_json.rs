//! Answers of statements as ksqlDB's JSON entities (spec section 8.3).

use engine::{
    Answer, CommandStatus, ConnectorDescription, ConnectorInfo, ConnectorListing, Entity,
    ExtendedDescription, FieldInfo, FieldRole, FunctionDescription, GroupOffsets, PropertyListing,
    QueryDescription, QueryListing, SourceDescription, SourceListing, TopicListing,
};
use serde_json::{Map, Value, json};
use types::{Header, SourceKind, SqlType};

/// The version functions report; ksqlDB's built-in functions report none of their own.
const FUNCTION_AUTHOR: &str = "Tidemill";

/// An answer as a JSON entity with `@type`, `statementText` and `warnings`.
pub fn answer(answer: &Answer) -> Value {
    let (kind, fields) = entity(&answer.entity);
    let mut object = Map::new();
    object.insert("@type".to_owned(), kind.into());
    object.insert("statementText".to_owned(), answer.statement.clone().into());
    if let Value::Object(fields) = fields {
        object.extend(fields);
    }
    let warnings: Vec<Value> =
        answer.warnings.iter().map(|message| json!({ "message": message })).collect();
    object.insert("warnings".to_owned(), warnings.into());
    Value::Object(object)
}

fn entity(entity: &Entity) -> (&'static str, Value) {
    match entity {
        Entity::Status(status) => ("currentStatus", command_status(status)),
        Entity::Warning(message) => ("warning_entity", json!({ "message": message })),
        Entity::Streams(list) => ("streams", json!({ "streams": each(list, source_listing) })),
        Entity::Tables(list) => ("tables", json!({ "tables": each(list, source_listing) })),
        Entity::Topics(list) => ("kafka_topics", json!({ "topics": each(list, topic) })),
        Entity::TopicsExtended(list) => {
            ("kafka_topics_extended", json!({ "topics": each(list, topic_extended) }))
        }
        Entity::Queries(list) => ("queries", json!({ "queries": each(list, query_listing) })),
        Entity::QueryDescriptions(list) => {
            ("query_descriptions", json!({ "queryDescriptions": each(list, query_description) }))
        }
        Entity::Properties(list) => ("properties", properties(list)),
        Entity::Functions(list) => {
            let function = |f: &engine::FunctionListing| json!({ "name": f.name, "type": f.kind, "category": f.category });
            ("function_names", json!({ "functions": each(list, function) }))
        }
        Entity::Types(types) => {
            let types = types.iter().map(|(name, ty)| (name.clone(), schema_info(ty)));
            ("type_list", json!({ "types": types.collect::<Map<_, _>>() }))
        }
        Entity::Variables(variables) => {
            let variable = |(name, value)| json!({ "name": name, "value": value });
            let list: Vec<Value> = variables.iter().map(variable).collect();
            ("variables", json!({ "variables": list }))
        }
        Entity::Connectors(list) => {
            ("connector_list", json!({ "connectors": each(list, connector_listing) }))
        }
        Entity::ConnectorPlugins(list) => {
            let plugin = |p: &engine::PluginListing| json!({ "className": p.class, "type": p.kind, "version": p.version });
            ("connector_plugins_list", json!({ "connectorsPlugins": each(list, plugin) }))
        }
        Entity::SourceDescription(description) => {
            ("sourceDescription", json!({ "sourceDescription": source_description(description) }))
        }
        Entity::SourceDescriptions(list) => {
            ("source_descriptions", json!({ "sourceDescriptions": each(list, source_description) }))
        }
        Entity::FunctionDescription(function) => ("describe_function", function_json(function)),
        Entity::ConnectorDescription(connector) => {
            ("connector_description", connector_description(connector))
        }
        Entity::QueryDescription(query) => {
            ("queryDescription", json!({ "queryDescription": query_description(query) }))
        }
        Entity::ConnectorCreated(info) => {
            ("connector_info", json!({ "info": connector_info(info) }))
        }
        Entity::ConnectorDropped(name) => ("drop_connector", json!({ "connectorName": name })),
        Entity::QueryTerminated { query_id, was_terminated } => {
            ("terminate_query", json!({ "queryId": query_id, "wasTerminated": was_terminated }))
        }
        Entity::TopicAsserted { topic, exists } => {
            ("assert_topic", json!({ "topicName": topic, "exists": exists }))
        }
        Entity::SchemaAsserted { subject, id, exists } => {
            ("assert_schema", json!({ "subject": subject, "id": id, "exists": exists }))
        }
    }
}

fn each<T>(list: &[T], one: impl Fn(&T) -> Value) -> Vec<Value> {
    list.iter().map(one).collect()
}

fn command_status(status: &CommandStatus) -> Value {
    json!({
        "commandId": status.command_id,
        "commandStatus": {
            "status": "SUCCESS", "message": status.message, "queryId": status.query_id,
        },
        "commandSequenceNumber": status.sequence_number,
    })
}

fn kind_name(kind: SourceKind) -> &'static str {
    match kind {
        SourceKind::Stream => "STREAM",
        SourceKind::Table => "TABLE",
    }
}

fn source_listing(source: &SourceListing) -> Value {
    json!({
        "type": kind_name(source.kind),
        "name": source.name,
        "topic": source.topic,
        "keyFormat": source.key_format,
        "valueFormat": source.value_format,
        "isWindowed": source.is_windowed,
    })
}

fn topic(topic: &TopicListing) -> Value {
    json!({ "name": topic.name, "replicaInfo": vec![1; topic.partitions] })
}

fn topic_extended(topic: &TopicListing) -> Value {
    json!({
        "name": topic.name,
        "replicaInfo": vec![1; topic.partitions],
        "consumerCount": topic.consumers,
        "consumerGroupCount": topic.consumer_groups,
    })
}

fn query_listing(query: &QueryListing) -> Value {
    let state = query.state.clone();
    json!({
        "queryString": query.statement,
        "sinks": query.sinks,
        "sinkKafkaTopics": query.sink_topics,
        "id": query.id,
        "statusCount": { state: 1 },
        "queryType": query.kind.word(),
        "state": query.state,
    })
}

fn properties(list: &[PropertyListing]) -> Value {
    let property = |p: &PropertyListing| {
        json!({
            "name": p.name, "scope": p.scope, "value": p.value, "editable": p.is_editable,
            "level": if p.name.starts_with("ksql.") { "SERVER" } else { "QUERY" },
        })
    };
    let names = |keep: fn(&&PropertyListing) -> bool| -> Vec<&str> {
        list.iter().filter(keep).map(|p| p.name.as_str()).collect()
    };
    json!({
        "properties": each(list, property),
        "overwrittenProperties": names(|p| p.is_overridden),
        "defaultProperties": names(|p| p.is_default),
    })
}

fn connector_listing(connector: &ConnectorListing) -> Value {
    json!({
        "name": connector.name,
        "type": connector.kind,
        "className": connector.class,
        "state": connector.state,
    })
}

fn connector_info(info: &ConnectorInfo) -> Value {
    json!({
        "name": info.name,
        "type": info.kind,
        "config": info.config,
        "tasks": [{ "connector": info.name, "task": 0 }],
    })
}

fn connector_description(connector: &ConnectorDescription) -> Value {
    let task = |(id, state)| json!({ "id": id, "state": state, "worker_id": "tidemill" });
    let tasks: Vec<Value> = connector.tasks.iter().enumerate().map(task).collect();
    json!({
        "connectorClass": connector.class,
        "status": {
            "name": connector.name,
            "connector":
                { "state": connector.state, "worker_id": "tidemill", "trace": connector.trace },
            "tasks": tasks,
            "type": connector.kind,
        },
        "sources": connector.sources,
        "topics": connector.topics,
        "progress": connector.progress,
    })
}

fn function_json(function: &FunctionDescription) -> Value {
    let signatures = function.signatures.iter().map(|signature| {
        let last = signature.arguments.len().saturating_sub(1);
        let argument = |(index, ty): (usize, &String)| {
            json!({
                "name": "", "type": ty, "description": "",
                "isVariadic": signature.is_variadic && index == last,
            })
        };
        let arguments: Vec<Value> = signature.arguments.iter().enumerate().map(argument).collect();
        json!({ "arguments": arguments, "returnType": signature.returns, "description": "" })
    });
    json!({
        "name": function.name,
        "description": function.description,
        "author": FUNCTION_AUTHOR,
        "version": "",
        "path": "internal",
        "functions": signatures.collect::<Vec<Value>>(),
        "type": function.kind,
    })
}

/// ksqlDB's SchemaInfo of a type.
pub fn schema_info(ty: &SqlType) -> Value {
    let (fields, member) = match ty {
        SqlType::Struct(fields) => {
            let field = |f: &types::Field| json!({ "name": f.name, "schema": schema_info(&f.ty) });
            (Some(each(fields, field)), None)
        }
        SqlType::Array(element) => (None, Some(schema_info(element))),
        SqlType::Map(_, value) => (None, Some(schema_info(value))),
        _ => (None, None),
    };
    let mut info = json!({ "type": ty.base_name(), "fields": fields, "memberSchema": member });
    if let SqlType::Decimal { precision, scale } = ty {
        info["parameters"] = json!({ "precision": precision, "scale": scale });
    }
    info
}

/// ksqlDB's FieldInfo of a column.
pub fn field_info(field: &FieldInfo) -> Value {
    let mut info = json!({ "name": field.column.name, "schema": schema_info(&field.column.ty) });
    match &field.role {
        FieldRole::Value => {}
        FieldRole::Key => info["type"] = "KEY".into(),
        FieldRole::Header(header) => {
            info["type"] = "HEADER".into();
            if let Header::Named(name) = header {
                info["headerKey"] = name.clone().into();
            }
        }
    }
    info
}

fn source_description(source: &SourceDescription) -> Value {
    let listing = &source.listing;
    let extended = source.extended.as_ref();
    json!({
        "name": listing.name,
        "windowType": source.window_type,
        "readQueries": each(&source.read_queries, query_listing),
        "writeQueries": each(&source.write_queries, query_listing),
        "fields": each(&source.fields, field_info),
        "type": kind_name(listing.kind),
        "timestamp": source.timestamp.clone().unwrap_or_default(),
        "statistics": extended.map_or("", |e| &e.statistics),
        "errorStats": extended.map_or("", |e| &e.error_statistics),
        "extended": extended.is_some(),
        "keyFormat": listing.key_format,
        "valueFormat": listing.value_format,
        "topic": listing.topic,
        "partitions": extended.map_or(0, |e| e.partitions),
        "replication": extended.map_or(0, |_| 1),
        "statement": source.statement,
        "queryOffsetSummaries": extended.map_or_else(Vec::new, query_offset_summaries),
        "sourceConstraints": source.constraints,
        "clusterStatistics": [],
        "clusterErrorStats": [],
    })
}

fn query_offset_summaries(extended: &ExtendedDescription) -> Vec<Value> {
    let offsets = |partition: &engine::PartitionOffsets| {
        json!({
            "partition": partition.partition,
            "logStartOffset": partition.start,
            "logEndOffset": partition.end,
            "consumerOffset": partition.position,
        })
    };
    let group = |group: &GroupOffsets| {
        json!({
            "groupId": group.group,
            "topicSummaries":
                [{ "kafkaTopic": group.topic, "offsets": each(&group.partitions, offsets) }],
        })
    };
    each(&extended.offsets, group)
}

fn query_description(query: &QueryDescription) -> Value {
    // A query that does not run has no state anywhere.
    let state = Some(&query.listing.state).filter(|state| !state.is_empty());
    let hosts: Map<String, Value> =
        state.map(|state| ("tidemill".to_owned(), state.clone().into())).into_iter().collect();
    json!({
        "id": query.listing.id,
        "statementText": query.listing.statement,
        "windowType": query.window_type,
        "fields": each(&query.fields, field_info),
        "sources": query.sources,
        "sinks": query.listing.sinks,
        "topology": query.topology,
        "executionPlan": query.execution_plan,
        "overriddenProperties": query.overridden_properties,
        "ksqlHostQueryStatus": hosts,
        "queryType": query.listing.kind.word(),
        "queryErrors": query.errors,
        "tasksMetadata": [],
        "state": query.listing.state,
        "consumerGroupId": query.consumer_group,
    })
}
