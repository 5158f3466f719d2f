//! Makes generated schemas what a reader of the document would like.

use serde_json::{Map, Value, json};

/// Gives each variant of a union a name of its own, such as `DecideRequestApproved`, and names the field that distinguishes them:
/// generators of clients need both.
pub(crate) fn name_variants(schemas: &mut Map<String, Value>) {
    let unions: Vec<String> = schemas.keys().cloned().collect();
    for union in unions {
        let Some(variants) = schemas[&union]["oneOf"].as_array().cloned() else { continue };
        let Some((tag, words)) = tag_of(&variants) else { continue };
        let mut mapping = Map::new();
        let mut references = Vec::new();
        for (variant, word) in variants.into_iter().zip(words) {
            let name = format!("{union}{}", camel_case(&word));
            let reference = format!("#/components/schemas/{name}");
            references.push(json!({ "$ref": reference }));
            mapping.insert(word, reference.into());
            schemas.insert(name, variant);
        }
        schemas[&union]["oneOf"] = references.into();
        schemas[&union]["discriminator"] = json!({ "propertyName": tag, "mapping": mapping });
    }
}

/// The property that distinguishes all variants, and its value in each.
fn tag_of(variants: &[Value]) -> Option<(String, Vec<String>)> {
    let properties = variants.first()?["properties"].as_object()?;
    let tag = properties.iter().find(|(_, schema)| schema["const"].is_string())?.0;
    let word = |variant: &Value| variant["properties"][tag]["const"].as_str().map(str::to_owned);
    Some((tag.clone(), variants.iter().map(word).collect::<Option<_>>()?))
}

fn camel_case(word: &str) -> String {
    let capital = |part: &str| part[..1].to_ascii_uppercase() + &part[1..];
    word.split('_').filter(|part| !part.is_empty()).map(capital).collect()
}

/// Turns enumerations into `enum`s, and removes notes for readers of the code.
pub(crate) fn tidy(value: &mut Value) {
    match value {
        Value::Array(values) => values.iter_mut().for_each(tidy),
        Value::Object(object) => {
            object.values_mut().for_each(tidy);
            if let Some(words) = words(object) {
                let meanings: Vec<String> =
                    words.iter().map(|(word, about)| format!("`{word}`: {about}")).collect();
                let about = object.get("description").and_then(Value::as_str).unwrap_or_default();
                object.insert("description".into(), format!("{about}\n\n{}", meanings.join("\n\n")).into());
                object.insert("type".into(), "string".into());
                object.insert("enum".into(), words.into_iter().map(|(word, _)| word).collect());
                object.remove("oneOf");
            }
            if let Some(Value::String(about)) = object.get_mut("description") {
                *about = without_source(about);
            }
        }
        _ => {}
    }
}

/// The words of an enumeration with their meanings, if it is one.
fn words(object: &Map<String, Value>) -> Option<Vec<(String, String)>> {
    let variants = object.get("oneOf")?.as_array()?;
    let text = |variant: &Value, name: &str| variant[name].as_str().map(str::to_owned);
    variants.iter().map(|variant| Some((text(variant, "const")?, text(variant, "description")?))).collect()
}

/// A doc comment without notes for readers of the code: ` (seed: …)`, ` (contract: …)`, links.
fn without_source(about: &str) -> String {
    let mut text =
        about.replace(" Serializes to the wire's shape.", "").replace("[`", "`").replace("`]", "`");
    for source in [" (seed: ", " (contract: "] {
        if let Some(start) = text.find(source) {
            let end = text[start..].find(')').map_or(text.len(), |end| start + end + 1);
            text.replace_range(start..end, "");
        }
    }
    text
}
