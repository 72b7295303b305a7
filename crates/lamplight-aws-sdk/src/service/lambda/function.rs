//! The function of a request.

/// A function as named in a request.
#[derive(Debug, PartialEq)]
pub(super) struct Function<'a> {
    pub(super) name: &'a str,
    /// The region, which only a full ARN contains.
    pub(super) region: Option<&'a str>,
}

impl<'a> Function<'a> {
    /// Parses `name`, `name:alias`, `account:function:name` or `arn:aws:lambda:region:account:function:name`,
    /// the last two with or without an alias.
    pub(super) fn parse(text: &'a str) -> Self {
        let mut parts = text.split(':');
        if parts.next() != Some("arn") {
            let name = match text.split_once(":function:") {
                Some((_, name)) => name,
                None => text,
            };
            return Self {
                name: until_colon(name),
                region: None,
            };
        }
        // aws, lambda, region, account, function, name
        let region = parts.nth(2);
        let name = parts.nth(2).unwrap_or(text);
        Self { name, region }
    }
}

fn until_colon(text: &str) -> &str {
    text.split(':').next().unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_by_name_and_arn() {
        let named = |name| Function { name, region: None };
        assert_eq!(Function::parse("orders"), named("orders"));
        assert_eq!(Function::parse("orders:live"), named("orders"));
        assert_eq!(
            Function::parse("123456789012:function:orders"),
            named("orders")
        );
        assert_eq!(
            Function::parse("123456789012:function:orders:7"),
            named("orders")
        );
        for alias in ["", ":live"] {
            let arn = format!("arn:aws:lambda:eu-west-1:123456789012:function:orders{alias}");
            let expected = Function {
                name: "orders",
                region: Some("eu-west-1"),
            };
            assert_eq!(Function::parse(&arn), expected);
        }
        assert_eq!(Function::parse("arn:aws").name, "arn:aws");
        assert_eq!(Function::parse(""), named(""));
    }
}
