//! A minimal SCIM service for tests of the Entra simulator. It can return responses that the real server never sends, and
//! shares no code with it.

use std::collections::{BTreeMap, HashMap};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

/// One received request.
#[derive(Debug, Clone)]
pub struct Request {
    pub method: String,
    /// Path and query, decoded.
    pub path: String,
    /// Header by lower-case name.
    pub headers: HashMap<String, String>,
    pub body: Value,
}

/// Status, header lines, body.
pub type Answer = (u16, String, Value);

/// Returns a response to use instead of the normal one.
type Override = Box<dyn FnMut(&Request) -> Option<Answer> + Send>;

#[derive(Default)]
struct ServiceState {
    resources: BTreeMap<String, Value>,
    requests: Vec<Request>,
    respond: Option<Override>,
    created: u32,
}

/// The service; it runs until the test process ends.
#[derive(Clone)]
pub struct FakeService {
    inner: Arc<Mutex<ServiceState>>,
    pub url: String,
}

impl FakeService {
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/scim", listener.local_addr().unwrap());
        let fake = Self { inner: Arc::default(), url };
        let server = fake.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let server = server.clone();
                std::thread::spawn(move || server.serve(stream));
            }
        });
        fake
    }

    /// From now on, use the responses of this function where it returns one.
    pub fn respond_with(&self, respond: impl FnMut(&Request) -> Option<Answer> + Send + 'static) {
        self.inner.lock().unwrap().respond = Some(Box::new(respond));
    }

    pub fn respond_normally(&self) {
        self.inner.lock().unwrap().respond = None;
    }

    /// The requests since the last call.
    pub fn take_requests(&self) -> Vec<Request> {
        std::mem::take(&mut self.inner.lock().unwrap().requests)
    }

    /// The requests since the last call as short lines: `PATCH /Users/1`.
    pub fn take_lines(&self) -> Vec<String> {
        self.take_requests().into_iter().map(|request| format!("{} {}", request.method, request.path)).collect()
    }

    /// The resource with that userName or displayName.
    pub fn named(&self, name: &str) -> Option<Value> {
        let inner = self.inner.lock().unwrap();
        let found =
            inner.resources.values().find(|resource| resource["userName"] == name || resource["displayName"] == name);
        found.cloned()
    }

    /// Changes resources without a request.
    pub fn change_resources(&self, change: impl FnOnce(&mut BTreeMap<String, Value>)) {
        change(&mut self.inner.lock().unwrap().resources);
    }

    fn serve(&self, stream: TcpStream) {
        let mut reader = BufReader::new(stream.try_clone().unwrap());
        let mut stream = stream;
        while let Some(request) = read_request(&mut reader) {
            let (status, headers, body) = self.answer(&request);
            let text = if body.is_null() { String::new() } else { body.to_string() };
            let head = format!("HTTP/1.1 {status} X\r\ncontent-type: application/scim+json\r\n{headers}");
            // The client may have closed the connection.
            let _ = stream.write_all(format!("{head}content-length: {}\r\n\r\n{text}", text.len()).as_bytes());
        }
    }

    fn answer(&self, request: &Request) -> Answer {
        let mut inner = self.inner.lock().unwrap();
        inner.requests.push(request.clone());
        if let Some(answer) = inner.respond.as_mut().and_then(|respond| respond(request)) {
            return answer;
        }
        inner.respond(request)
    }
}

impl ServiceState {
    fn respond(&mut self, request: &Request) -> Answer {
        let path = request.path.split('?').next().unwrap();
        let mut parts = path.trim_start_matches('/').split('/');
        let (kind, id) = (parts.next().unwrap(), parts.next());
        let key = id.map(|id| format!("{kind}/{id}"));
        match (request.method.as_str(), key) {
            ("GET", None) => (200, String::new(), self.list(kind, &request.path)),
            ("POST", None) => {
                self.created += 1;
                let id = format!("t{}", self.created);
                let mut resource = request.body.clone();
                resource["id"] = json!(id);
                self.resources.insert(format!("{kind}/{id}"), resource.clone());
                (201, String::new(), resource)
            }
            (method, Some(key)) if self.resources.contains_key(&key) => match method {
                "GET" => {
                    let mut resource = self.resources[&key].clone();
                    if request.path.contains("excludedAttributes=members") {
                        resource.as_object_mut().unwrap().remove("members");
                    }
                    (200, String::new(), resource)
                }
                "PATCH" => {
                    let resource = self.resources.get_mut(&key).unwrap();
                    request.body["Operations"]
                        .as_array()
                        .unwrap()
                        .iter()
                        .for_each(|operation| patch(resource, operation));
                    (204, String::new(), Value::Null)
                }
                _ => {
                    self.resources.remove(&key);
                    (204, String::new(), Value::Null)
                }
            },
            _ => error(404, "no such resource"),
        }
    }

    fn list(&self, kind: &str, path: &str) -> Value {
        let terms =
            path.split_once("filter=").map_or("", |(_, filter)| filter).split(" and ").filter(|term| !term.is_empty());
        let terms: Vec<_> = terms.filter_map(|term| term.split_once(" eq ")).collect();
        let meets = |resource: &Value, (attribute, value): &(&str, &str)| {
            let value: Value = serde_json::from_str(value).unwrap();
            let name = attribute.rsplit(':').next().unwrap();
            let holder = attribute.rsplit_once(':').map_or(resource, |(urn, _)| &resource[urn]);
            holder[name] == value || holder[name]["value"] == value
        };
        let of_kind = self.resources.iter().filter(|(key, _)| key.starts_with(kind)).map(|(_, resource)| resource);
        let found: Vec<_> = of_kind.filter(|resource| terms.iter().all(|term| meets(resource, term))).collect();
        let number = |name| path.split(['?', '&']).find_map(|part| part.strip_prefix(name)?.parse::<usize>().ok());
        let (start, count) = (number("startIndex=").unwrap_or(1), number("count=").unwrap_or(found.len()));
        let page: Vec<_> = found.iter().skip(start - 1).take(count).collect();
        json!({"totalResults": found.len(), "startIndex": start, "itemsPerPage": page.len(), "Resources": page})
    }
}

pub fn error(status: u16, detail: &str) -> Answer {
    (status, String::new(), json!({"status": status.to_string(), "detail": detail}))
}

/// PATCH of simple attributes, one extension and members.
fn patch(resource: &mut Value, operation: &Value) {
    let value = &operation["value"];
    let is_removal = operation["op"].as_str().unwrap().eq_ignore_ascii_case("remove");
    match operation["path"].as_str() {
        None => value.as_object().unwrap().iter().for_each(|(name, value)| set(resource, name, value.clone())),
        Some(path) if path.starts_with("members") => {
            let listed = value.as_array().cloned().unwrap_or_default();
            let named = path.split('"').nth(1).map(|id| json!({"value": id}));
            let mut members = resource["members"].as_array().cloned().unwrap_or_default();
            let listed: Vec<_> = listed.into_iter().chain(named).map(|member| member["value"].clone()).collect();
            members.retain(|member| !listed.contains(&member["value"]));
            if !is_removal {
                members.extend(listed.into_iter().map(|id| json!({"value": id})));
            }
            resource["members"] = json!(members);
        }
        Some(path) if is_removal => set(resource, path, Value::Null),
        Some(path) => set(resource, path, value.clone()),
    }
}

fn set(resource: &mut Value, path: &str, value: Value) {
    let value = match value.as_str() {
        Some("True") => json!(true),
        Some("False") => json!(false),
        _ => value,
    };
    match path.rsplit_once(':') {
        Some((urn, name)) => resource[urn][name] = value,
        None => resource[path] = value,
    }
}

fn read_request(reader: &mut BufReader<TcpStream>) -> Option<Request> {
    let mut line = String::new();
    reader.read_line(&mut line).ok().filter(|read| *read > 0)?;
    let mut words = line.split_whitespace().map(str::to_owned);
    let (method, target) = (words.next()?, words.next()?);
    let mut headers = HashMap::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(": ") else {
            break;
        };
        headers.insert(name.to_lowercase(), value.to_owned());
    }
    let length = headers.get("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let path = decode(target.strip_prefix("/scim").unwrap_or(&target));
    Some(Request { method, path, headers, body: serde_json::from_slice(&body).unwrap_or(Value::Null) })
}

fn decode(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let digits = [rest.next().unwrap(), rest.next().unwrap()];
                u8::from_str_radix(str::from_utf8(&digits).unwrap(), 16).unwrap()
            }
            _ => byte,
        });
    }
    String::from_utf8(bytes).unwrap()
}
