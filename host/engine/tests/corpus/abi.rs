//! Values as the component model's canonical ABI lays them out in a guest's memory: written here anew, so that it
//! may also say what no honest guest would.

/// A value in memory.
#[derive(Debug, Clone)]
pub enum Abi {
    U8(u8),
    U16(u16),
    U32(u32),
    I64(i64),
    /// A text, valid or not.
    Text(Vec<u8>),
    /// A text or list somewhere else: address and length.
    Elsewhere(u32, u32),
    List(Vec<Abi>),
    Record(Vec<Abi>),
    /// A case's number, what it carries, and size and alignment of the largest that any case carries.
    Variant(u8, Option<Box<Abi>>, (usize, usize)),
}

impl Abi {
    pub fn text(text: &str) -> Self {
        Self::Text(text.as_bytes().to_vec())
    }

    /// A variant's case that carries nothing.
    pub fn bare(case: u8, widest: (usize, usize)) -> Self {
        Self::Variant(case, None, widest)
    }

    /// A variant's case that carries something.
    pub fn with(case: u8, carried: Self, widest: (usize, usize)) -> Self {
        Self::Variant(case, Some(Box::new(carried)), widest)
    }

    /// `option<T>`; `widest` is of the `T`.
    pub fn option(value: Option<Self>, widest: (usize, usize)) -> Self {
        match value {
            Some(value) => Self::with(1, value, widest),
            None => Self::bare(0, widest),
        }
    }

    /// Size and alignment.
    fn layout(&self) -> (usize, usize) {
        match self {
            Self::U8(_) => (1, 1),
            Self::U16(_) => (2, 2),
            Self::U32(_) => (4, 4),
            Self::I64(_) => (8, 8),
            Self::Text(_) | Self::Elsewhere(..) | Self::List(_) => (8, 4),
            Self::Record(fields) => {
                let (mut size, mut widest) = (0_usize, 1);
                for (length, align) in fields.iter().map(Self::layout) {
                    size = size.next_multiple_of(align) + length;
                    widest = widest.max(align);
                }
                (size.next_multiple_of(widest), widest)
            }
            Self::Variant(_, _, (size, align)) => {
                ((1_usize.next_multiple_of(*align) + size).next_multiple_of(*align), *align)
            }
        }
    }

    /// The bytes to put at `base` of the memory; the value itself comes first.
    pub fn image(&self, base: u32) -> Vec<u8> {
        let mut image = Image { bytes: Vec::new(), base };
        image.reserve(self.layout().0);
        image.write(0, self);
        image.bytes
    }
}

struct Image {
    bytes: Vec<u8>,
    base: u32,
}

impl Image {
    /// The place of so many new bytes.
    fn reserve(&mut self, size: usize) -> usize {
        let at = self.bytes.len().next_multiple_of(8);
        self.bytes.resize(at + size, 0);
        at
    }

    fn put(&mut self, at: usize, bytes: &[u8]) {
        self.bytes[at..at + bytes.len()].copy_from_slice(bytes);
    }

    fn put_slice(&mut self, at: usize, place: usize, length: usize) {
        let address = self.base + u32::try_from(place).expect("a small image");
        self.put(at, &address.to_le_bytes());
        self.put(at + 4, &u32::try_from(length).expect("a small image").to_le_bytes());
    }

    fn write(&mut self, at: usize, value: &Abi) {
        match value {
            Abi::U8(number) => self.put(at, &[*number]),
            Abi::U16(number) => self.put(at, &number.to_le_bytes()),
            Abi::U32(number) => self.put(at, &number.to_le_bytes()),
            Abi::I64(number) => self.put(at, &number.to_le_bytes()),
            Abi::Elsewhere(address, length) => {
                self.put(at, &address.to_le_bytes());
                self.put(at + 4, &length.to_le_bytes());
            }
            Abi::Text(bytes) => {
                let place = self.reserve(bytes.len());
                self.put(place, bytes);
                self.put_slice(at, place, bytes.len());
            }
            Abi::List(elements) => {
                let size = elements.first().map_or(0, |first| first.layout().0);
                let place = self.reserve(size * elements.len());
                for (number, element) in elements.iter().enumerate() {
                    self.write(place + number * size, element);
                }
                self.put_slice(at, place, elements.len());
            }
            Abi::Record(fields) => {
                let mut place = at;
                for field in fields {
                    let (size, align) = field.layout();
                    place = place.next_multiple_of(align);
                    self.write(place, field);
                    place += size;
                }
            }
            Abi::Variant(case, carried, (_, align)) => {
                self.put(at, &[*case]);
                if let Some(carried) = carried {
                    self.write(at + 1_usize.next_multiple_of(*align), carried);
                }
            }
        }
    }
}
