//! Variables in a text: `${NAME}`, and `$${` where `${` is meant.

/// Returns the value of a variable of the environment.
pub(super) type Lookup<'a> = dyn Fn(&str) -> Option<String> + 'a;

/// Returns `text` with its variables put in; or what is wrong with it, and the remedy.
pub(super) fn substitute(text: &str, lookup: &Lookup<'_>) -> Result<String, (String, String)> {
    let mut result = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        if let Some(before) = before.strip_suffix('$') {
            result.push_str(before);
            result.push_str("${");
            rest = after;
            continue;
        }
        let Some((name, behind)) = after.split_once('}') else {
            let problem = "has a `${` without its `}`".to_owned();
            return Err((
                problem,
                "write `${NAME}`, or `$${` for the text `${`".into(),
            ));
        };
        // A variable that is set to nothing is as good as none: a header without its key is refused by
        // the destination, much later.
        let Some(value) = lookup(name).filter(|value| !value.is_empty()) else {
            let problem = format!("needs the variable {name}, which is not set");
            return Err((
                problem,
                format!("set {name} in the environment of the relay"),
            ));
        };
        result.push_str(before);
        result.push_str(&value);
        rest = behind;
    }
    result.push_str(rest);
    Ok(result)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lookup(name: &str) -> Option<String> {
        match name {
            "KEY" => Some("${NOT_AGAIN}".to_owned()),
            "EMPTY" => Some(String::new()),
            _ => None,
        }
    }

    #[test]
    fn variables_are_put_in_once() {
        assert_eq!(
            substitute("a ${KEY} b", &lookup).unwrap(),
            "a ${NOT_AGAIN} b"
        );
        assert_eq!(substitute("$5 $${KEY} }", &lookup).unwrap(), "$5 ${KEY} }");
    }

    #[test]
    fn what_is_not_set_is_said_by_name() {
        let said = |text| substitute(text, &lookup).unwrap_err().0;
        assert_eq!(said("${NONE}"), "needs the variable NONE, which is not set");
        assert_eq!(
            said("${EMPTY}"),
            "needs the variable EMPTY, which is not set"
        );
        assert_eq!(said("x${KEY"), "has a `${` without its `}`");
    }
}
