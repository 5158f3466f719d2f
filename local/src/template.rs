//! What `template.yaml` (the app) and `data.yaml` (what it keeps) define, read from the files themselves, so that nothing here says it
//! again.

use crate::Error;
use saphyr::{LoadableYamlNode, Yaml};

/// The app's template, as it was when this was built.
const APP: &str = include_str!("../../template.yaml");
/// The data's template.
const DATA: &str = include_str!("../../data.yaml");

/// The table: its keys, indexes and TTL.
#[derive(Debug, PartialEq, Eq)]
pub struct TableDefinition {
    /// Attribute names and types (`S`, `N`, `B`).
    pub attributes: Vec<(String, String)>,
    /// Attribute names and roles (`HASH`, `RANGE`).
    pub keys: Vec<(String, String)>,
    /// The global secondary indexes.
    pub indexes: Vec<IndexDefinition>,
    /// The attribute that TTL reads.
    pub ttl_attribute: String,
    /// What the stream shows.
    pub stream_view: String,
}

/// One global secondary index.
#[derive(Debug, PartialEq, Eq)]
pub struct IndexDefinition {
    /// Its name.
    pub name: String,
    /// Attribute names and roles (`HASH`, `RANGE`).
    pub keys: Vec<(String, String)>,
    /// Which attributes it holds.
    pub projection: String,
}

/// What the gateway answers to pages of other origins.
#[derive(Debug, PartialEq, Eq)]
pub struct CorsDefinition {
    /// Methods a page may use.
    pub methods: Vec<String>,
    /// Headers a page may send.
    pub request_headers: Vec<String>,
    /// Headers a page may read.
    pub response_headers: Vec<String>,
    /// For how long a browser may remember this, in seconds.
    pub max_age_seconds: u64,
}

/// One function with its route.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct FunctionDefinition {
    /// The binary's name: the verb.
    pub binary: String,
    /// The folder it is built from.
    pub folder: String,
    /// Method and path of an event `Call`.
    pub route: (String, String),
}

/// One function that something else than a request triggers.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TriggeredDefinition {
    /// The binary's name: the verb.
    pub binary: String,
    /// The folder it is built from.
    pub folder: String,
    /// What triggers it: `Schedule` or `DynamoDB`.
    pub trigger: String,
}

/// A template's document.
pub struct Template(Yaml<'static>);

impl Template {
    /// The app's template.
    pub fn app() -> Result<Self, Error> {
        Self::parse(APP)
    }

    /// The data's template.
    pub fn data() -> Result<Self, Error> {
        Self::parse(DATA)
    }

    /// Parses a template.
    pub fn parse(text: &'static str) -> Result<Self, Error> {
        let documents = Yaml::load_from_str(text).map_err(|error| Error::Template(error.to_string()))?;
        documents.into_iter().next().map(Self).ok_or_else(|| Error::Template("is empty".into()))
    }

    /// The table, which the data's template has.
    pub fn table(&self) -> Result<TableDefinition, Error> {
        let table = self.at(&["Resources", "Table", "Properties"])?;
        let pairs = |node: &Yaml<'_>, list: &str, name: &str, value: &str| -> Result<Vec<_>, Error> {
            sequence(at(node, &[list])?)?
                .iter()
                .map(|pair| Ok((text(at(pair, &[name])?)?, text(at(pair, &[value])?)?)))
                .collect()
        };
        let indexes = sequence(at(table, &["GlobalSecondaryIndexes"])?)?;
        Ok(TableDefinition {
            attributes: pairs(table, "AttributeDefinitions", "AttributeName", "AttributeType")?,
            keys: pairs(table, "KeySchema", "AttributeName", "KeyType")?,
            indexes: indexes
                .iter()
                .map(|index| {
                    Ok(IndexDefinition {
                        name: text(at(index, &["IndexName"])?)?,
                        keys: pairs(index, "KeySchema", "AttributeName", "KeyType")?,
                        projection: text(at(index, &["Projection", "ProjectionType"])?)?,
                    })
                })
                .collect::<Result<_, Error>>()?,
            ttl_attribute: text(at(table, &["TimeToLiveSpecification", "AttributeName"])?)?,
            stream_view: text(at(table, &["StreamSpecification", "StreamViewType"])?)?,
        })
    }

    /// The gateway's CORS settings; the origins are a parameter of the deployment.
    pub fn cors(&self) -> Result<CorsDefinition, Error> {
        let cors = self.at(&["Resources", "Api", "Properties", "CorsConfiguration"])?;
        let texts = |name: &str| -> Result<Vec<_>, Error> {
            sequence(at(cors, &[name])?)?.iter().map(text).collect()
        };
        let max_age = at(cors, &["MaxAge"])?.as_integer().and_then(|seconds| u64::try_from(seconds).ok());
        Ok(CorsDefinition {
            methods: texts("AllowMethods")?,
            request_headers: texts("AllowHeaders")?,
            response_headers: texts("ExposeHeaders")?,
            max_age_seconds: max_age.ok_or_else(|| Error::Template("MaxAge is no number".into()))?,
        })
    }

    /// The calls of the API with the functions that answer them, in the order of the file.
    pub fn functions(&self) -> Result<Vec<FunctionDefinition>, Error> {
        let mut functions = Vec::new();
        for resource in self.all_functions()? {
            let events = at(resource, &["Properties", "Events"])?.as_mapping();
            for (_, event) in events.into_iter().flatten().filter(|(name, _)| is_call(name)) {
                let call = at(event, &["Properties"])?;
                functions.push(FunctionDefinition {
                    binary: text(at(resource, &["Metadata", "BuildProperties", "Binary"])?)?,
                    folder: text(at(resource, &["Properties", "CodeUri"])?)?,
                    route: (text(at(call, &["Method"])?)?, text(at(call, &["Path"])?)?),
                });
            }
        }
        Ok(functions)
    }

    /// The functions that serve pages: binary, folder, and the paths they are at.
    pub fn pages(&self) -> Result<Vec<(String, String, Vec<String>)>, Error> {
        let mut functions = Vec::new();
        for resource in self.all_functions()? {
            let events = at(resource, &["Properties", "Events"])?.as_mapping();
            let events = events.ok_or_else(|| Error::Template("has no events".into()))?;
            let is_trigger =
                |name: &Yaml<'_>| ["Schedule", "Stream"].iter().any(|it| name.as_str() == Some(it));
            if events.keys().all(|name| is_call(name) || is_trigger(name)) {
                continue;
            }
            // The event without a path is the $default route.
            let sites = events.iter().filter(|(name, _)| !is_call(name));
            let paths = sites.filter_map(|(_, event)| at(event, &["Properties", "Path"]).ok()).map(text);
            functions.push((
                text(at(resource, &["Metadata", "BuildProperties", "Binary"])?)?,
                text(at(resource, &["Properties", "CodeUri"])?)?,
                paths.collect::<Result<_, _>>()?,
            ));
        }
        Ok(functions)
    }

    /// The functions that something else than a request triggers, in the order of the file.
    pub fn triggered(&self) -> Result<Vec<TriggeredDefinition>, Error> {
        let mut functions = Vec::new();
        for resource in self.all_functions()? {
            let events = at(resource, &["Properties", "Events"])?;
            let Some(event) = ["Schedule", "Stream"].iter().find_map(|name| at(events, &[name]).ok()) else {
                continue;
            };
            functions.push(TriggeredDefinition {
                binary: text(at(resource, &["Metadata", "BuildProperties", "Binary"])?)?,
                folder: text(at(resource, &["Properties", "CodeUri"])?)?,
                trigger: text(at(event, &["Type"])?)?,
            });
        }
        Ok(functions)
    }

    fn all_functions(&self) -> Result<impl Iterator<Item = &Yaml<'static>>, Error> {
        let resources = self.at(&["Resources"])?.as_mapping();
        let resources = resources.ok_or_else(|| Error::Template("has no resources".into()))?;
        Ok(resources.values().filter(|resource| {
            let kind = at(resource, &["Type"]).and_then(text).ok();
            kind.as_deref() == Some("AWS::Serverless::Function")
        }))
    }

    /// What is at a path of names.
    pub fn at(&self, path: &[&str]) -> Result<&Yaml<'static>, Error> {
        at(&self.0, path)
    }
}

/// Whether an event is a call of the API: `Call`, or with a name after it where a function answers several.
fn is_call(name: &Yaml<'_>) -> bool {
    name.as_str().is_some_and(|name| name.starts_with("Call"))
}

fn at<'a, 'y>(mut node: &'a Yaml<'y>, path: &[&str]) -> Result<&'a Yaml<'y>, Error> {
    for name in path {
        let next = node.as_mapping_get(name);
        node = next.ok_or_else(|| Error::Template(format!("{} is missing", path.join("."))))?;
    }
    Ok(node)
}

fn sequence<'a, 'y>(node: &'a Yaml<'y>) -> Result<&'a Vec<Yaml<'y>>, Error> {
    node.as_sequence().ok_or_else(|| Error::Template("a list is expected".into()))
}

fn text(node: &Yaml<'_>) -> Result<String, Error> {
    node.as_str().map(str::to_owned).ok_or_else(|| Error::Template("a text is expected".into()))
}
