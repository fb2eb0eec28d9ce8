//! What it takes to compile a class of characters: its ranges, and how much of Unicode is looked through for other cases.

use std::convert::Infallible;

use regex_syntax::ast;

/// More ranges than any property of Unicode has, nearly.
const RANGES_OF_PROPERTY: usize = 512;

/// As many characters as the largest property that is told by its name has.
const CHARACTERS_OF_PROPERTY: usize = 150_000;

const ALL_CHARACTERS: usize = 0x11_0000;

#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Class {
    pub ranges: usize,
    /// Characters whose other cases are looked for where case is of no account.
    pub folded: usize,
    /// Those of what was read until now, which each bracket around it goes through once more.
    characters: usize,
}

impl Class {
    /// Of the text of a class. One that is not understood is taken for the worst that its length allows.
    pub fn of(text: &str) -> Self {
        match ast::parse::Parser::new().parse(text) {
            Ok(tree) => {
                let Ok(class) = ast::visit(&tree, Self::default());
                class
            }
            Err(_) => Self {
                ranges: text.len().saturating_mul(RANGES_OF_PROPERTY),
                folded: text.len().saturating_mul(ALL_CHARACTERS),
                characters: ALL_CHARACTERS,
            },
        }
    }

    fn add(&mut self, ranges: usize, characters: usize) {
        self.ranges = self.ranges.saturating_add(ranges);
        self.characters = self.characters.saturating_add(characters);
    }

    fn fold(&mut self, is_negated: bool) {
        self.folded = self.folded.saturating_add(self.characters);
        if is_negated {
            self.characters = self.characters.saturating_add(ALL_CHARACTERS);
        }
    }

    fn property(&mut self) {
        self.add(RANGES_OF_PROPERTY, CHARACTERS_OF_PROPERTY);
        self.folded = self.folded.saturating_add(CHARACTERS_OF_PROPERTY);
    }
}

impl ast::Visitor for Class {
    type Output = Self;
    type Err = Infallible;

    fn finish(self) -> Result<Self, Infallible> {
        Ok(self)
    }

    fn visit_post(&mut self, part: &ast::Ast) -> Result<(), Infallible> {
        match part {
            ast::Ast::ClassBracketed(class) => self.fold(class.negated),
            ast::Ast::ClassUnicode(_) => self.property(),
            _ => self.add(1, 1),
        }
        Ok(())
    }

    fn visit_class_set_item_post(&mut self, item: &ast::ClassSetItem) -> Result<(), Infallible> {
        match item {
            ast::ClassSetItem::Range(range) => {
                let characters = u32::from(range.end.c).abs_diff(u32::from(range.start.c)) + 1;
                self.add(1, characters as usize);
            }
            ast::ClassSetItem::Unicode(_) => self.property(),
            ast::ClassSetItem::Bracketed(class) => self.fold(class.negated),
            ast::ClassSetItem::Empty(_) | ast::ClassSetItem::Union(_) => {}
            _ => self.add(1, 1),
        }
        Ok(())
    }

    fn visit_class_set_binary_op_post(
        &mut self,
        _: &ast::ClassSetBinaryOp,
    ) -> Result<(), Infallible> {
        // Either side is folded by itself.
        self.fold(false);
        Ok(())
    }
}
