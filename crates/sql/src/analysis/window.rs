//! The WINDOW clause (spec sections 4.2 and 4.3).

use plan::logical::{Emit, Window, WindowShape};
use types::WindowKind;

use crate::ast::{self, Duration, Span, Spanned};
use crate::error::{Error, Result};

/// Milliseconds of a day: how late records may be by default, counted from the window's start.
const DAY_MS: i64 = 86_400_000;

/// The window with its sizes in milliseconds.
///
/// # Errors
/// For sizes that are zero, out of range or contradict each other.
pub fn resolve(window: &Spanned<ast::Window>, emit: Emit) -> Result<Window> {
    let span = window.span;
    let kind = shape(window.node.kind, span)?;
    let ms =
        |duration: Option<Duration>| duration.map(|duration| length(duration, span)).transpose();
    let window =
        Window { kind, grace_ms: ms(window.node.grace)?, retention_ms: ms(window.node.retention)? };
    check_retention(&window, emit, span)?;
    Ok(window)
}

fn shape(kind: ast::WindowKind, span: Span) -> Result<WindowShape> {
    let refuse = |message: &str| Err(Error::invalid_at("window-size", message, span));
    match kind {
        ast::WindowKind::Tumbling { size } => match length(size, span)? {
            0 => refuse("Window size must be larger than zero."),
            size_ms => Ok(WindowShape::Tumbling { size_ms }),
        },
        ast::WindowKind::Hopping { size, advance } => {
            match (length(size, span)?, length(advance, span)?) {
                (0, _) => refuse("Window size must be larger than zero."),
                (_, 0) => refuse("Window advance must be larger than zero."),
                (size_ms, advance_ms) if advance_ms > size_ms => {
                    refuse("Window advance must not be larger than the window size.")
                }
                (size_ms, advance_ms) => Ok(WindowShape::Hopping { size_ms, advance_ms }),
            }
        }
        ast::WindowKind::Session { gap } => match length(gap, span)? {
            0 => refuse("Session gap must be larger than zero."),
            gap_ms => Ok(WindowShape::Session { gap_ms }),
        },
    }
}

/// How keys of windows like these carry them.
pub fn kind(window: &Window) -> WindowKind {
    match window.kind {
        WindowShape::Tumbling { size_ms } => WindowKind::Tumbling { size_ms },
        WindowShape::Hopping { size_ms, .. } => WindowKind::Hopping { size_ms },
        WindowShape::Session { .. } => WindowKind::Session,
    }
}

/// A duration in milliseconds.
///
/// # Errors
/// When it does not fit.
pub fn length(duration: Duration, span: Span) -> Result<i64> {
    duration.as_ms().ok_or_else(|| Error::invalid_at("duration", "The duration is too long.", span))
}

/// How late records may be for `window`.
pub fn grace_ms(window: &Window, emit: Emit) -> i64 {
    window.grace_ms.unwrap_or(match emit {
        Emit::Final => 0,
        Emit::Changes => (DAY_MS - size_ms(window.kind)).max(0),
    })
}

/// Length of a window, or a session's gap.
pub fn size_ms(kind: WindowShape) -> i64 {
    match kind {
        WindowShape::Tumbling { size_ms } | WindowShape::Hopping { size_ms, .. } => size_ms,
        WindowShape::Session { gap_ms } => gap_ms,
    }
}

fn check_retention(window: &Window, emit: Emit, span: Span) -> Result<()> {
    let Some(retention_ms) = window.retention_ms else { return Ok(()) };
    let (size_ms, grace_ms) = (size_ms(window.kind), grace_ms(window, emit));
    if retention_ms < size_ms.saturating_add(grace_ms) {
        let message = format!(
            "The retention period of the window store must be no smaller than its window size plus \
             the grace period. Got size=[{size_ms}], grace=[{grace_ms}], retention=[{retention_ms}]"
        );
        return Err(Error::invalid_at("window-retention", message, span));
    }
    Ok(())
}
