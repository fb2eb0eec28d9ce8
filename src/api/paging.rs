//! Pages of lists by `skip` and `limit`.

use serde::Deserialize;

use crate::domain::Refusal;

/// Which part of a list a request asks for.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
pub(super) struct Page {
    skip: Option<usize>,
    limit: Option<usize>,
}

impl Page {
    /// How many to leave out, and how many to list at most: `default` unless the request says.
    /// Refused where that is none, or more than `most`.
    pub fn bounds(self, default: usize, most: usize) -> Result<(usize, usize), Refusal> {
        let limit = self.limit.unwrap_or(default);
        if limit == 0 || limit > most {
            let what = match most {
                usize::MAX => format!("limit: {limit} is not positive"),
                most => format!("limit: {limit} is not from 1 to {most}"),
            };
            return Err(Refusal::Malformed { what });
        }
        Ok((self.skip.unwrap_or(0), limit))
    }
}
