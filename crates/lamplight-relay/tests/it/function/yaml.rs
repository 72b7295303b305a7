//! CloudFormation's YAML as JSON: `!Ref x` becomes `{"Ref": x}`, `!Sub x` `{"Fn::Sub": x}`.

use granit_parser::{Event, Parser, Tag};
use serde_json::{Map, Value, json};

struct Open {
    tag: Option<String>,
    is_map: bool,
    items: Vec<Value>,
}

pub(crate) fn read(text: &str) -> Value {
    let mut open: Vec<Open> = Vec::new();
    let mut root = Value::Null;
    for event in Parser::new_from_str(text) {
        let (event, span) = event.unwrap();
        let done = match event {
            Event::Scalar(text, _, _, tag) => tagged(name(tag.as_deref()), json!(text)),
            Event::MappingStart(_, _, tag) => {
                open.push(started(tag.as_deref(), true));
                continue;
            }
            Event::SequenceStart(_, _, tag) => {
                open.push(started(tag.as_deref(), false));
                continue;
            }
            Event::MappingEnd | Event::SequenceEnd => {
                let ended = open.pop().unwrap();
                let value = match ended.is_map {
                    true => map(&ended.items, &format!("{span:?}")),
                    false => Value::Array(ended.items),
                };
                tagged(ended.tag, value)
            }
            _ => continue,
        };
        match open.last_mut() {
            Some(parent) => parent.items.push(done),
            None => root = done,
        }
    }
    root
}

fn started(tag: Option<&Tag>, is_map: bool) -> Open {
    Open {
        tag: name(tag),
        is_map,
        items: Vec::new(),
    }
}

fn map(items: &[Value], at: &str) -> Value {
    let mut map = Map::new();
    for pair in items.chunks(2) {
        let key = pair[0].as_str().unwrap().to_owned();
        let before = map.insert(key.clone(), pair[1].clone());
        assert_eq!(before, None, "{key} is there twice, before {at}");
    }
    Value::Object(map)
}

fn name(tag: Option<&Tag>) -> Option<String> {
    let tag = tag?.suffix().to_owned();
    Some(match tag.as_str() {
        "Ref" => tag,
        _ => format!("Fn::{tag}"),
    })
}

fn tagged(name: Option<String>, value: Value) -> Value {
    match name {
        Some(name) => json!({ name: value }),
        None => value,
    }
}
