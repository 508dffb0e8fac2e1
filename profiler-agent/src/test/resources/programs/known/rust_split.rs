//! main -> a -> b -> a trait object -> sixty, thirty, ten; in two threads, with panics and sorting.
use std::hint::black_box;
use std::sync::atomic::{AtomicU64, Ordering};

static SINK: AtomicU64 = AtomicU64::new(1);

macro_rules! work {
    ($name:ident, $share:expr) => {
        #[inline(never)]
        fn $name() {
            let mut x = SINK.load(Ordering::Relaxed);
            let mut i = 0u64;
            while i < 20000 * $share {
                x = black_box(x.wrapping_mul(6364136223846793005).wrapping_add(i));
                i += 1;
            }
            SINK.store(x, Ordering::Relaxed);
        }
    };
}

work!(sixty, 6);
work!(thirty, 3);
work!(ten, 1);

trait Task {
    fn run(&self) -> usize;
}

struct Of(fn());

impl Task for Of {
    #[inline(never)]
    fn run(&self) -> usize {
        (self.0)();
        black_box(1)
    }
}

#[inline(never)]
fn b(task: &dyn Task) -> usize {
    let room = String::from("some text on the heap");
    black_box(task.run() + room.len())
}

#[inline(never)]
fn compares(one: &u64, other: &u64) -> std::cmp::Ordering {
    black_box(one).cmp(other)
}

#[inline(never)]
fn sorts() {
    let mut x = 1u64;
    let mut numbers: Vec<u64> = Vec::new();
    for _ in 0..2000 {
        x = x.wrapping_mul(6364136223846793005).wrapping_add(1);
        numbers.push(x >> 16);
    }
    numbers.sort_by(compares);
    SINK.store(numbers[7], Ordering::Relaxed);
}

#[inline(never)]
fn panics(level: u32) -> u64 {
    let room = vec![level; 10];
    if level == 0 {
        std::panic::resume_unwind(Box::new(1));
    }
    black_box(panics(level - 1) + room[3] as u64)
}

#[inline(never)]
fn a(rounds: u32) -> usize {
    let tasks: Vec<Box<dyn Task>> = vec![Box::new(Of(sixty)), Box::new(Of(thirty)), Box::new(Of(ten))];
    let mut sum = 0;
    for _ in 0..rounds {
        for task in &tasks {
            sum += b(task.as_ref());
        }
    }
    sorts();
    let caught = std::panic::catch_unwind(|| panics(8));
    black_box(sum + caught.is_err() as usize)
}

fn main() {
    std::thread::spawn(|| loop {
        black_box(a(50));
    });
    loop {
        black_box(a(50));
    }
}
