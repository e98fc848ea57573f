//! How many connections the node has, and how many of them one client may have.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use crate::origin::household;

/// The node's places for connections. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Places(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    max: usize,
    /// 0: no bound.
    per_address_max: usize,
    taken: Mutex<Taken>,
}

#[derive(Debug, Default)]
struct Taken {
    all: usize,
    by_address: HashMap<IpAddr, usize>,
}

/// One place; dropping it gives it back.
#[derive(Debug)]
pub struct Place {
    places: Places,
    address: Option<IpAddr>,
}

impl Places {
    pub fn new(max: usize, per_address_max: usize) -> Self {
        Self(Arc::new(Shared { max, per_address_max, taken: Mutex::default() }))
    }

    /// A place for one more connection, unless the node is full.
    pub fn take(&self) -> Option<Place> {
        let mut taken = self.lock();
        if taken.all >= self.0.max {
            return None;
        }
        taken.all += 1;
        Some(Place { places: self.clone(), address: None })
    }

    fn lock(&self) -> MutexGuard<'_, Taken> {
        // Each change is one addition: a panic elsewhere leaves nothing half done.
        self.0.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Place {
    /// The client that the connection comes from is known now. Whether it may have one more.
    pub fn belongs_to(&mut self, address: IpAddr) -> bool {
        let max = self.places.0.per_address_max;
        if max == 0 || self.address.is_some() {
            return true;
        }
        let address = household(address);
        let mut taken = self.places.lock();
        let count = taken.by_address.entry(address).or_default();
        if *count >= max {
            return false;
        }
        *count += 1;
        drop(taken);
        self.address = Some(address);
        true
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.places.lock();
        taken.all -= 1;
        let Some(address) = self.address else { return };
        if let Some(count) = taken.by_address.get_mut(&address) {
            *count -= 1;
            if *count == 0 {
                taken.by_address.remove(&address);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn a_place_comes_back_when_it_is_dropped() {
        let places = Places::new(1, 0);
        let place = places.take();
        assert!(place.is_some() && places.take().is_none());
        drop(place);
        assert!(places.take().is_some());
    }

    #[test]
    fn one_address_leaves_places_to_others() {
        let places = Places::new(9, 2);
        let taken = |text: &str| {
            let mut place = places.take().unwrap();
            place.belongs_to(address(text)).then_some(place)
        };
        let first = (taken("192.0.2.1"), taken("192.0.2.1"));
        assert!(first.0.is_some() && first.1.is_some());
        assert!(taken("192.0.2.1").is_none());
        assert!(taken("::ffff:192.0.2.1").is_none(), "the same address, written otherwise");
        assert!(taken("192.0.2.2").is_some());
        drop(first.0);
        assert!(taken("192.0.2.1").is_some());
        let household = (taken("2001:db8::1"), taken("2001:db8::2"));
        assert!(household.0.is_some() && household.1.is_some());
        assert!(taken("2001:db8::3").is_none());
        assert!(taken("2001:db8:0:1::1").is_some());
    }

    #[test]
    fn nothing_is_kept_of_who_is_gone() {
        let places = Places::new(9, 2);
        let mut place = places.take().unwrap();
        assert!(place.belongs_to(address("192.0.2.1")) && place.belongs_to(address("192.0.2.1")));
        drop(place);
        assert!(places.lock().by_address.is_empty());
        assert_eq!(places.lock().all, 0);
    }
}
