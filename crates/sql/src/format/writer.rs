//! The text under construction.

/// Collects text. The rules of each kind of node are methods spread over this folder's files.
#[derive(Default)]
pub(super) struct Writer {
    text: String,
}

impl Writer {
    /// The text.
    pub(super) fn finish(self) -> String {
        self.text
    }

    /// What `write` writes.
    pub(super) fn collect(write: impl FnOnce(&mut Self)) -> String {
        let mut writer = Self::default();
        write(&mut writer);
        writer.finish()
    }

    /// Adds text as it is.
    pub(super) fn put(&mut self, text: &str) {
        self.text.push_str(text);
    }

    /// Adds text if `condition` holds.
    pub(super) fn put_if(&mut self, condition: bool, text: &str) {
        if condition {
            self.put(text);
        }
    }

    /// Adds the items with `", "` between them.
    pub(super) fn list<T>(&mut self, items: &[T], mut write: impl FnMut(&mut Self, &T)) {
        for (index, item) in items.iter().enumerate() {
            self.put_if(index > 0, ", ");
            write(self, item);
        }
    }
}
