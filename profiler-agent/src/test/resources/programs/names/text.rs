// SPDX-License-Identifier: Apache-2.0
//! Broad work in Rust: collections, iterators, formatting, parsing, trait objects.
use std::collections::{BTreeMap, BinaryHeap, HashMap, HashSet, VecDeque};
use std::fmt::{self, Display, Write};
use std::hint::black_box;

#[derive(Debug, Clone, PartialEq)]
enum Token {
    Number(f64),
    Word(String),
    Sign(char),
}

impl Display for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Token::Number(n) => write!(f, "{n:.3}"),
            Token::Word(w) => f.pad(w),
            Token::Sign(c) => write!(f, "<{c}>"),
        }
    }
}

fn tokens(text: &str) -> Vec<Token> {
    let mut out = Vec::new();
    let mut chars = text.chars().peekable();
    while let Some(&c) = chars.peek() {
        if c.is_ascii_digit() {
            let mut number = String::new();
            while let Some(d) = chars.next_if(|d| d.is_ascii_digit() || *d == '.') {
                number.push(d);
            }
            out.push(Token::Number(number.parse().unwrap_or(0.0)));
        } else if c.is_alphabetic() {
            let mut word = String::new();
            while let Some(l) = chars.next_if(|l| l.is_alphanumeric()) {
                word.extend(l.to_lowercase());
            }
            out.push(Token::Word(word));
        } else {
            chars.next();
            if !c.is_whitespace() {
                out.push(Token::Sign(c));
            }
        }
    }
    out
}

trait Shape {
    fn area(&self) -> f64;
}
struct Circle(f64);
struct Rect(f64, f64);
impl Shape for Circle {
    fn area(&self) -> f64 {
        std::f64::consts::PI * self.0.powi(2)
    }
}
impl Shape for Rect {
    fn area(&self) -> f64 {
        self.0 * self.1
    }
}

fn shapes(n: usize) -> f64 {
    let mut all: Vec<Box<dyn Shape>> = (0..n)
        .map(|i| if i % 2 == 0 { Box::new(Circle(i as f64)) as Box<dyn Shape> } else { Box::new(Rect(i as f64, 2.0)) })
        .collect();
    all.sort_by(|a, b| b.area().total_cmp(&a.area()));
    all.iter().map(|s| s.area()).sum()
}

fn counts(found: &[Token]) -> usize {
    let mut by_word: HashMap<&str, usize> = HashMap::new();
    for token in found {
        if let Token::Word(w) = token {
            *by_word.entry(w).or_default() += 1;
        }
    }
    let mut by_count: BTreeMap<usize, Vec<&str>> = BTreeMap::new();
    for (word, n) in by_word {
        by_count.entry(n).or_default().push(word);
    }
    by_count.values_mut().for_each(|v| v.sort_unstable());
    by_count.iter().map(|(n, v)| n * v.iter().map(|w| w.len()).sum::<usize>()).sum()
}

fn primes(limit: usize) -> usize {
    let mut open: VecDeque<usize> = (2..limit).collect();
    let mut kept = HashSet::new();
    while let Some(p) = open.pop_front() {
        kept.insert(p);
        open.retain(|n| n % p != 0);
    }
    kept.len()
}

fn heap(n: u64) -> u64 {
    let mut heap: BinaryHeap<(u64, String)> = (0..n).map(|i| (i * 7919 % 1009, i.to_string())).collect();
    let mut sum = 0;
    while let Some((key, text)) = heap.pop() {
        sum += key.wrapping_mul(text.len() as u64);
    }
    sum
}

fn main() {
    let text = "let Total = 12.5 * (Price + 3.25) - rate2 / 7; if (total > 100) { Print(total); } ".repeat(20);
    loop {
        let found = tokens(black_box(&text));
        let mut shown = String::new();
        for token in &found {
            write!(shown, "{token:>8}|").unwrap();
        }
        black_box((shown.len(), counts(&found), shapes(200), primes(300), heap(200)));
    }
}
