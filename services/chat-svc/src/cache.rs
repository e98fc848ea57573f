//! A bounded map in memory.

use std::{collections::HashMap, hash::Hash, sync::Mutex};

/// Keeps the `max` entries that were put last, and up to as many before them.
///
/// Two generations stand in for an LRU list: when the young one is full it becomes the old one, and the old one goes.
pub struct Cache<K, V> {
    max: usize,
    generations: Mutex<Generations<K, V>>,
}

struct Generations<K, V> {
    young: HashMap<K, V>,
    old: HashMap<K, V>,
}

impl<K: Eq + Hash, V: Clone> Cache<K, V> {
    pub fn new(max: usize) -> Self {
        Self { max, generations: Mutex::new(Generations { young: HashMap::new(), old: HashMap::new() }) }
    }

    pub fn get(&self, key: &K) -> Option<V> {
        let generations = self.lock();
        generations.young.get(key).or_else(|| generations.old.get(key)).cloned()
    }

    pub fn put(&self, key: K, value: V) {
        let mut generations = self.lock();
        if generations.young.len() >= self.max {
            generations.old = std::mem::take(&mut generations.young);
        }
        generations.young.insert(key, value);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Generations<K, V>> {
        // The map is whole after every statement, so a panic elsewhere does not spoil it.
        self.generations.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holds_at_most_two_generations() {
        let cache = Cache::new(2);
        for key in 0..10 {
            cache.put(key, key * 10);
        }
        let kept: Vec<i32> = (0..10).filter(|key| cache.get(key).is_some()).collect();
        assert!(kept.len() <= 4 && kept.contains(&9) && kept.contains(&8), "{kept:?}");
        assert_eq!(cache.get(&9), Some(90));
    }
}
