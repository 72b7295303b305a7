//! Numbered items.

/// Number of items per allocation: growing never copies, and never doubles.
const CHUNK: usize = 512;

/// Items with small numbers, which are reused. The holder of a number must know whether it is still
/// valid.
#[derive(Debug)]
pub(super) struct Slab<T> {
    chunks: Vec<Vec<T>>,
    free: Vec<u32>,
    next: u32,
}

/// The number of no item.
pub(super) const NONE: u32 = u32::MAX;

impl<T> Default for Slab<T> {
    fn default() -> Self {
        Self {
            chunks: Vec::new(),
            free: Vec::new(),
            next: 0,
        }
    }
}

impl<T> Slab<T> {
    /// Adds an item, and returns its number; [`NONE`] if there are no more numbers, which would
    /// need more memory than is allowed.
    pub(super) fn insert(&mut self, thing: T) -> u32 {
        if let Some(number) = self.free.pop() {
            if let Some(place) = self.get_mut(number) {
                *place = thing;
            }
            return number;
        }
        if self.next == NONE {
            return NONE;
        }
        match self.chunks.last_mut() {
            Some(chunk) if chunk.len() < CHUNK => chunk.push(thing),
            _ => {
                let mut chunk = Vec::with_capacity(CHUNK);
                chunk.push(thing);
                self.chunks.push(chunk);
            }
        }
        let number = self.next;
        self.next += 1;
        number
    }

    /// Releases a number. When all are released, the memory is freed.
    pub(super) fn remove(&mut self, number: u32) {
        self.free.push(number);
        if self.is_empty() {
            *self = Self::default();
        }
    }

    pub(super) fn get(&self, number: u32) -> Option<&T> {
        let (chunk, place) = place(number);
        self.chunks.get(chunk)?.get(place)
    }

    pub(super) fn get_mut(&mut self, number: u32) -> Option<&mut T> {
        let (chunk, place) = place(number);
        self.chunks.get_mut(chunk)?.get_mut(place)
    }

    /// Returns the allocated memory, in bytes.
    #[cfg(test)]
    pub(super) fn allocation_size(&self) -> usize {
        self.chunks.len() * CHUNK * size_of::<T>() + self.free.capacity() * size_of::<u32>()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.free.len() == self.next as usize
    }
}

fn place(number: u32) -> (usize, usize) {
    (number as usize / CHUNK, number as usize % CHUNK)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_finds_its_thing_until_it_is_given_back() {
        let mut slab = Slab::default();
        let numbers: Vec<u32> = (0..2000).map(|thing| slab.insert(thing)).collect();
        for (thing, number) in numbers.iter().enumerate() {
            assert_eq!(slab.get(*number), Some(&thing));
        }
        slab.remove(17);
        assert_eq!(slab.insert(5000), 17, "numbers are used again");
        assert_eq!(slab.get(17), Some(&5000));
        assert_eq!(slab.get(NONE), None);
    }

    #[test]
    fn memory_is_given_back_with_the_last_thing() {
        let mut slab = Slab::default();
        for number in 0..2000 {
            assert_eq!(slab.insert(number), number);
        }
        for number in 0..2000 {
            slab.remove(number);
        }
        assert!(slab.is_empty() && slab.chunks.is_empty());
    }
}
