//! Walks over expression trees: the children of a node, searches, and copies with some nodes
//! replaced. Used by every step of analysis.

use crate::ast::{Call, Case, Expr, ExprKind, Lambda, WhenClause};

/// The expressions directly inside `expr`, left to right.
pub fn children(expr: &Expr) -> Vec<&Expr> {
    match &expr.kind {
        ExprKind::Literal(_) | ExprKind::Column(_) | ExprKind::Unit(_) => Vec::new(),
        ExprKind::Negate(operand)
        | ExprKind::Plus(operand)
        | ExprKind::Not(operand)
        | ExprKind::IsNull { operand, .. }
        | ExprKind::Cast { operand, .. }
        | ExprKind::Field { base: operand, .. }
        | ExprKind::AtTimeZone { operand, .. } => vec![operand],
        ExprKind::Arithmetic { left, right, .. }
        | ExprKind::Compare { left, right, .. }
        | ExprKind::Logical { left, right, .. }
        | ExprKind::Subscript { base: left, index: right }
        | ExprKind::Like { operand: left, pattern: right, .. } => vec![left, right],
        ExprKind::Between { operand, low, high, .. } => vec![operand, low, high],
        ExprKind::In { operand, list, .. } => {
            std::iter::once(operand.as_ref()).chain(list).collect()
        }
        ExprKind::Case(case) => case_children(case),
        ExprKind::Array(elements) => elements.iter().collect(),
        ExprKind::Map(entries) => entries.iter().flat_map(|(key, value)| [key, value]).collect(),
        ExprKind::Struct(fields) => fields.iter().map(|(_, value)| value).collect(),
        ExprKind::Call(call) => call.arguments.iter().collect(),
        ExprKind::Lambda(lambda) => vec![&lambda.body],
    }
}

fn case_children(case: &Case) -> Vec<&Expr> {
    let mut found: Vec<&Expr> = case.operand.iter().map(AsRef::as_ref).collect();
    for branch in &case.branches {
        found.extend([&branch.condition, &branch.result]);
    }
    found.extend(case.otherwise.iter().map(AsRef::as_ref));
    found
}

/// Whether `expr` or anything inside it satisfies `test`.
pub fn any(expr: &Expr, test: &dyn Fn(&Expr) -> bool) -> bool {
    test(expr) || children(expr).into_iter().any(|child| any(child, test))
}

/// Calls `visit` on `expr` and everything inside it, outer nodes first, as long as it answers that the
/// inside of a node is wanted too.
pub fn visit<'a>(expr: &'a Expr, visitor: &mut dyn FnMut(&'a Expr) -> bool) {
    if visitor(expr) {
        for child in children(expr) {
            visit(child, visitor);
        }
    }
}

/// A copy of `expr` in which every node for which `replace` has an answer is replaced by it, outermost
/// first; what was put in is not searched again.
///
/// # Errors
/// Those of `replace`.
pub fn replace<E>(
    expr: &Expr,
    replacer: &mut dyn FnMut(&Expr) -> Result<Option<Expr>, E>,
) -> Result<Expr, E> {
    if let Some(replacement) = replacer(expr)? {
        return Ok(replacement);
    }
    let mut one = |child: &Expr| replace(child, replacer);
    let kind = match &expr.kind {
        leaf @ (ExprKind::Literal(_) | ExprKind::Column(_) | ExprKind::Unit(_)) => leaf.clone(),
        ExprKind::Negate(operand) => ExprKind::Negate(Box::new(one(operand)?)),
        ExprKind::Plus(operand) => ExprKind::Plus(Box::new(one(operand)?)),
        ExprKind::Not(operand) => ExprKind::Not(Box::new(one(operand)?)),
        ExprKind::IsNull { operand, negated } => {
            ExprKind::IsNull { operand: Box::new(one(operand)?), negated: *negated }
        }
        ExprKind::Cast { operand, ty } => {
            ExprKind::Cast { operand: Box::new(one(operand)?), ty: ty.clone() }
        }
        ExprKind::Field { base, field } => {
            ExprKind::Field { base: Box::new(one(base)?), field: field.clone() }
        }
        ExprKind::AtTimeZone { operand, zone } => {
            ExprKind::AtTimeZone { operand: Box::new(one(operand)?), zone: zone.clone() }
        }
        _ => return replace_many(expr, &mut one),
    };
    Ok(Expr::new(kind, expr.span))
}

/// [`replace`] for the nodes with several children.
fn replace_many<E>(expr: &Expr, one: &mut dyn FnMut(&Expr) -> Result<Expr, E>) -> Result<Expr, E> {
    let kind = match &expr.kind {
        ExprKind::Arithmetic { op, left, right } => ExprKind::Arithmetic {
            op: op.clone(),
            left: Box::new(one(left)?),
            right: Box::new(one(right)?),
        },
        ExprKind::Compare { op, left, right } => ExprKind::Compare {
            op: op.clone(),
            left: Box::new(one(left)?),
            right: Box::new(one(right)?),
        },
        ExprKind::Logical { op, left, right } => {
            ExprKind::Logical { op: *op, left: Box::new(one(left)?), right: Box::new(one(right)?) }
        }
        ExprKind::Subscript { base, index } => {
            ExprKind::Subscript { base: Box::new(one(base)?), index: Box::new(one(index)?) }
        }
        ExprKind::Like { operand, pattern, escape, negated } => ExprKind::Like {
            operand: Box::new(one(operand)?),
            pattern: Box::new(one(pattern)?),
            escape: *escape,
            negated: *negated,
        },
        ExprKind::Between { operand, low, high, negated } => ExprKind::Between {
            operand: Box::new(one(operand)?),
            low: Box::new(one(low)?),
            high: Box::new(one(high)?),
            negated: *negated,
        },
        ExprKind::In { operand, list, negated } => ExprKind::In {
            operand: Box::new(one(operand)?),
            list: list.iter().map(one).collect::<Result<_, _>>()?,
            negated: *negated,
        },
        ExprKind::Case(case) => ExprKind::Case(replace_case(case, one)?),
        ExprKind::Array(elements) => {
            ExprKind::Array(elements.iter().map(one).collect::<Result<_, _>>()?)
        }
        ExprKind::Map(entries) => ExprKind::Map(
            entries
                .iter()
                .map(|(key, value)| Ok((one(key)?, one(value)?)))
                .collect::<Result<_, _>>()?,
        ),
        ExprKind::Struct(fields) => ExprKind::Struct(
            fields
                .iter()
                .map(|(name, value)| Ok((name.clone(), one(value)?)))
                .collect::<Result<_, _>>()?,
        ),
        ExprKind::Call(call) => ExprKind::Call(Call {
            function: call.function.clone(),
            arguments: call.arguments.iter().map(one).collect::<Result<_, _>>()?,
            star: call.star,
        }),
        ExprKind::Lambda(lambda) => ExprKind::Lambda(Lambda {
            parameters: lambda.parameters.clone(),
            body: Box::new(one(&lambda.body)?),
        }),
        other => other.clone(),
    };
    Ok(Expr::new(kind, expr.span))
}

fn replace_case<E>(case: &Case, one: &mut dyn FnMut(&Expr) -> Result<Expr, E>) -> Result<Case, E> {
    let operand = match &case.operand {
        Some(operand) => Some(Box::new(one(operand)?)),
        None => None,
    };
    let mut branches = Vec::with_capacity(case.branches.len());
    for branch in &case.branches {
        branches
            .push(WhenClause { condition: one(&branch.condition)?, result: one(&branch.result)? });
    }
    let otherwise = match &case.otherwise {
        Some(otherwise) => Some(Box::new(one(otherwise)?)),
        None => None,
    };
    Ok(Case { operand, branches, otherwise })
}
