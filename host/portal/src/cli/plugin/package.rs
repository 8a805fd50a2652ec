//! What npm reads of a project: a starter's manifest and lock file, made those of a project that holds the SDK.

/// Where a starter finds the SDK in this repository.
const SDK_HERE: &str = "../../sdk/js";
/// Where a project finds it.
const SDK_THERE: &str = "sdk/js";

/// What opens and closes the packages of a lock file, and what stands between two, as npm writes them.
const OPEN: &str = "  \"packages\": {\n    \"";
const CLOSE: &str = "\n  }\n}\n";
const BETWEEN: &str = ",\n    \"";

/// The manifest of an author's project, out of that of a starter.
#[must_use]
pub fn of_project(starter: &str) -> String {
    without_claims(&starter.replace(SDK_HERE, SDK_THERE))
}

/// The lock file of a project: what the starter's says of project and SDK, and the SDK's packages, which npm puts
/// into the project's own `node_modules`. As npm itself would write it, so that its next run changes nothing. None
/// when one of the two is no lock file of npm.
#[must_use]
pub fn lock(starter: &str, sdk: &str) -> Option<String> {
    let starter = starter.replace(SDK_HERE, SDK_THERE);
    let (head, own) = packages(&starter)?;
    let (_, shared) = packages(sdk)?;
    let find = |wanted: &str| own.iter().copied().find(|package| place(package) == wanted);
    let (project, sdk, link) = (find("")?, find(SDK_THERE)?, find("node_modules/@qudao/sdk")?);
    let project = without_claims(project);
    let mut all = vec![project.trim_end()];
    all.extend(shared.into_iter().filter(|package| !place(package).is_empty()));
    let after = all.iter().position(|package| place(package) > place(link)).unwrap_or(all.len());
    all.insert(after, link);
    all.push(sdk);
    Some([head, OPEN, &all.join(BETWEEN), CLOSE].concat())
}

/// Whose it is, and what it is about, is the author's to say.
fn without_claims(manifest: &str) -> String {
    let kept = |line: &&str| {
        let line = line.trim_start();
        !line.starts_with("\"license\"") && !line.starts_with("\"description\"")
    };
    manifest.lines().filter(kept).map(|line| line.to_owned() + "\n").collect()
}

/// What stands before a lock file's packages, and each of them: its place up to a quote, then what npm knows of it.
fn packages(lock: &str) -> Option<(&str, Vec<&str>)> {
    let (head, packages) = lock.split_once(OPEN)?;
    Some((head, packages.strip_suffix(CLOSE)?.split(BETWEEN).collect()))
}

fn place(package: &str) -> &str {
    package.split('"').next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    const MANIFEST: &str = include_str!("../../../../../plugins/starter-ts/package.json");
    const STARTER: &str = include_str!("../../../../../plugins/starter-ts/package-lock.json");
    const SDK: &str = include_str!("../../../../../sdk/js/package-lock.json");

    fn read(text: &str) -> Value {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn a_manifest_finds_the_sdk_inside_and_claims_nothing() {
        let manifest = read(&of_project(MANIFEST));
        assert_eq!(manifest["dependencies"], json!({ "@qudao/sdk": "file:sdk/js" }));
        assert_eq!((&manifest["license"], &manifest["description"]), (&Value::Null, &Value::Null));
        assert_eq!(manifest["scripts"]["build"], "qudao-plugin build");
    }

    #[test]
    fn a_lock_file_names_all_that_the_sdk_needs() {
        let (locked, sdk) = (read(&lock(STARTER, SDK).unwrap()), read(SDK));
        let (packages, of_sdk) =
            (locked["packages"].as_object().unwrap(), sdk["packages"].as_object().unwrap());
        for (place, package) in of_sdk {
            let there = if place.is_empty() { &packages[SDK_THERE] } else { &packages[place] };
            assert_eq!(there, package, "{place}");
        }
        assert_eq!(packages.len(), of_sdk.len() + 2);
        assert_eq!(
            packages[""]["dependencies"],
            read(MANIFEST.replace(SDK_HERE, SDK_THERE).as_str())["dependencies"]
        );
        assert_eq!(packages[""]["license"], Value::Null);
        assert_eq!(packages["node_modules/@qudao/sdk"], json!({ "resolved": "sdk/js", "link": true }));
    }
}
