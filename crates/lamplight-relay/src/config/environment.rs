//! Variables in a text: `${NAME}`, and `$${` for a literal `${`.

/// Returns the value of an environment variable.
pub(super) type Lookup<'a> = dyn Fn(&str) -> Option<String> + 'a;

/// Returns `text` with its variables replaced, or the problem and its remedy.
pub(super) fn substitute(text: &str, lookup: &Lookup<'_>) -> Result<String, (String, String)> {
    let mut result = String::with_capacity(text.len());
    let (mut rest, mut missing) = (text, Vec::new());
    while let Some((before, after)) = rest.split_once("${") {
        if let Some(before) = before.strip_suffix('$') {
            result.push_str(before);
            result.push_str("${");
            rest = after;
            continue;
        }
        let Some((name, behind)) = after.split_once('}') else {
            let problem = "has a `${` without a `}`".to_owned();
            return Err((
                problem,
                "write `${NAME}`, or `$${` for a literal `${`".into(),
            ));
        };
        let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
        if name.is_empty() || !name.chars().all(is_name) {
            let problem = format!("has `${{{name}}}`, which is not a valid variable name");
            let remedy = "use letters, digits and `_` between the braces (defaults are not \
            supported), or `$${` for a literal `${`";
            return Err((problem, remedy.into()));
        }
        result.push_str(before);
        rest = behind;
        // An empty variable counts as unset: otherwise a header without its key would be refused by
        // the destination, much later.
        match lookup(name).filter(|value| !value.is_empty()) {
            Some(value) => result.push_str(&value),
            None if missing.contains(&name) => {}
            None => missing.push(name),
        }
    }
    result.push_str(rest);
    let names = missing.join(" and ");
    let problem = match missing.len() {
        0 => return Ok(result),
        1 => format!("needs the variable {names}, which is not set"),
        _ => format!("needs the variables {names}, which are not set"),
    };
    Err((
        problem,
        format!("set {names} in the environment of the relay"),
    ))
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
        assert_eq!(said("x${KEY"), "has a `${` without a `}`");
        assert_eq!(
            said("${NONE}-${KEY}-${OTHER}-${NONE}"),
            "needs the variables NONE and OTHER, which are not set"
        );
        for wrong in ["${}", "${env:KEY}", "${KEY:-x}", "${ KEY }"] {
            assert!(
                said(wrong).contains("is not a valid variable name"),
                "{wrong}"
            );
        }
    }
}
