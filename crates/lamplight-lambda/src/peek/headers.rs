//! Reads some headers of a response in the same way. Only where somebody asked for headers.

use super::{Member, Reading, TopLevel, Unreadable};
use serde::Serialize;
use serde::ser::{self, Impossible};

/// The values of each of the headers `names`, which are in lower case. A load balancer's and a REST
/// API's response may have the same headers twice, in a map of single values and in one of several;
/// the latter has them all.
pub(crate) fn headers<T: Serialize + ?Sized>(response: &T, names: &[String]) -> Vec<Vec<String>> {
    let both = Both {
        names,
        single: Vec::new(),
        multiple: Vec::new(),
    };
    response.serialize(TopLevel(both)).unwrap_or_default()
}

type Found = Vec<Vec<String>>;

/// The two maps of headers that a response may have.
struct Both<'n> {
    names: &'n [String],
    single: Found,
    multiple: Found,
}

impl Reading for Both<'_> {
    type Found = Found;

    fn read<T: Serialize + ?Sized>(&mut self, member: Member, value: &T) {
        let slot = match member {
            Member::Headers => &mut self.single,
            Member::MultiValueHeaders => &mut self.multiple,
            _ => return,
        };
        *slot = value
            .serialize(Map { names: self.names })
            .unwrap_or_default();
    }

    fn finish(self) -> Found {
        let mut multiple = self.multiple.into_iter();
        let mut single = self.single.into_iter();
        let best = self.names.iter().map(|_| {
            let multiple = multiple.next().unwrap_or_default();
            let single = single.next().unwrap_or_default();
            if multiple.is_empty() {
                single
            } else {
                multiple
            }
        });
        best.collect()
    }
}

/// A map of headers.
struct Map<'n> {
    names: &'n [String],
}

struct Entries<'n> {
    names: &'n [String],
    found: Found,
    at: Option<usize>,
}

impl ser::SerializeMap for Entries<'_> {
    type Ok = Found;
    type Error = Unreadable;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Unreadable> {
        let name = key
            .serialize(Texts)
            .ok()
            .and_then(|texts| texts.into_iter().next());
        self.at = name.and_then(|name| {
            let mut wanted = self.names.iter();
            wanted.position(|wanted| wanted.eq_ignore_ascii_case(&name))
        });
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unreadable> {
        if let Some(slot) = self.at.and_then(|at| self.found.get_mut(at)) {
            slot.extend(value.serialize(Texts).unwrap_or_default());
        }
        Ok(())
    }

    fn end(self) -> Result<Found, Unreadable> {
        Ok(self.found)
    }
}

/// A text or a list of texts.
struct Texts;

#[derive(Default)]
struct List(Vec<String>);

impl ser::SerializeSeq for List {
    type Ok = Vec<String>;
    type Error = Unreadable;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unreadable> {
        self.0.extend(value.serialize(Texts).unwrap_or_default());
        Ok(())
    }

    fn end(self) -> Result<Vec<String>, Unreadable> {
        Ok(self.0)
    }
}

impl<'n> ser::Serializer for Map<'n> {
    transparent!(Found);
    no_numbers!(Found);
    type SerializeSeq = Impossible<Found, Unreadable>;
    type SerializeMap = Entries<'n>;
    type SerializeStruct = Impossible<Found, Unreadable>;

    fn serialize_map(self, _: Option<usize>) -> Result<Entries<'n>, Unreadable> {
        Ok(Entries {
            names: self.names,
            found: vec![Vec::new(); self.names.len()],
            at: None,
        })
    }

    fn serialize_struct(
        self,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeStruct, Unreadable> {
        Err(Unreadable)
    }

    unreadable!(Found: serialize_str(&str));

    fn serialize_seq(self, _: Option<usize>) -> Result<Self::SerializeSeq, Unreadable> {
        Err(Unreadable)
    }
}

impl ser::Serializer for Texts {
    transparent!(Vec<String>);
    no_numbers!(Vec<String>);
    type SerializeSeq = List;
    type SerializeMap = Impossible<Vec<String>, Unreadable>;
    type SerializeStruct = Impossible<Vec<String>, Unreadable>;

    fn serialize_str(self, text: &str) -> Result<Vec<String>, Unreadable> {
        Ok(vec![text.to_owned()])
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<List, Unreadable> {
        Ok(List::default())
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Self::SerializeMap, Unreadable> {
        Err(Unreadable)
    }

    fn serialize_struct(
        self,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeStruct, Unreadable> {
        Err(Unreadable)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn headers_that_were_asked_for_are_read_and_no_others() {
        let names = ["content-type", "x-cache", "absent"].map(str::to_owned);
        let response = json!({
            "statusCode": 200,
            "headers": {"Content-Type": "text/plain", "set-cookie": "secret", "X-CACHE": 7},
            "body": "content-type",
        });
        let expected = [vec!["text/plain".to_owned()], Vec::new(), Vec::new()];
        assert_eq!(headers(&response, &names), expected);
    }

    #[test]
    fn several_values_are_all_there_and_once() {
        let response = json!({
            "headers": {"x-cache": "b"},
            "multiValueHeaders": {"x-cache": ["a", "b"]},
        });
        let names = ["x-cache".to_owned()];
        assert_eq!(headers(&response, &names), [["a", "b"].map(str::to_owned)]);
    }

    #[test]
    fn what_is_no_response_has_no_headers() {
        let names = ["x-cache".to_owned()];
        for response in [json!(null), json!([]), json!("headers"), json!(7)] {
            assert!(headers(&response, &names).is_empty(), "{response}");
        }
        assert_eq!(headers(&json!({"headers": "x"}), &names), [[""; 0]]);
    }
}
