use crate::arguments::Open;
use crate::healthcheck;

/// Opens the page in the browser of whoever asks. The address is printed first, for those who have none.
pub fn run(open: &Open) -> Result<(), String> {
    let pod = match &open.pod {
        None => String::new(),
        Some(pod) if is_name(pod) => format!("t/{pod}/"),
        Some(pod) => {
            return Err(format!(
                "{pod:?} is no name of a pod, which has letters, digits and any of -_.~"
            ));
        }
    };
    healthcheck::run(&open.control)?;
    let address = format!("http://{}/{pod}", open.control.address());
    println!("{address}");
    if open.print {
        return Ok(());
    }
    ::open::that_detached(&address)
        .map_err(|error| format!("no browser can be opened ({error}): open {address} yourself"))
}

fn is_name(pod: &str) -> bool {
    let allowed = |c: u8| c.is_ascii_alphanumeric() || b"-_.~".contains(&c);
    !pod.is_empty() && pod.bytes().all(allowed) && !matches!(pod, "." | "..")
}
