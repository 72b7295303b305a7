//! A layered graph, while its nodes are being ordered.

/// Number of sweeps over the layers; more change nothing in graphs of this size.
const SWEEPS: usize = 12;

/// Nodes, and points between them, in layers. Edges only connect adjacent layers.
pub(super) struct Graph {
    /// For each layer, its points from top to bottom.
    layers: Vec<Vec<usize>>,
    /// For each point, its layer.
    layer: Vec<usize>,
    /// For each point, its neighbors in the previous layer.
    before: Vec<Vec<usize>>,
    /// For each point, its neighbors in the next layer.
    after: Vec<Vec<usize>>,
}

impl Graph {
    pub(super) fn new(layer: &[usize]) -> Self {
        let number = layer.iter().max().map_or(0, |it| it + 1);
        let of = |number| {
            (0..layer.len())
                .filter(|it| layer.get(*it) == Some(&number))
                .collect()
        };
        Self {
            layers: (0..number).map(of).collect(),
            layer: layer.to_vec(),
            before: vec![Vec::new(); layer.len()],
            after: vec![Vec::new(); layer.len()],
        }
    }

    pub(super) fn layer_of(&self, point: usize) -> usize {
        self.layer.get(point).copied().unwrap_or_default()
    }

    /// Returns the number of layers.
    pub(super) const fn len(&self) -> usize {
        self.layers.len()
    }

    /// Adds an edge, and returns the points it passes.
    pub(super) fn way(&mut self, (from, to): (usize, usize)) -> Vec<usize> {
        let mut way = vec![from];
        let mut last = from;
        for layer in self.layer_of(from) + 1..=self.layer_of(to) {
            let next = if layer == self.layer_of(to) {
                to
            } else {
                self.point(layer)
            };
            if let Some(it) = self.after.get_mut(last) {
                it.push(next);
            }
            if let Some(it) = self.before.get_mut(next) {
                it.push(last);
            }
            way.push(next);
            last = next;
        }
        way
    }

    fn point(&mut self, layer: usize) -> usize {
        let point = self.layer.len();
        self.layer.push(layer);
        self.before.push(Vec::new());
        self.after.push(Vec::new());
        if let Some(it) = self.layers.get_mut(layer) {
            it.push(point);
        }
        point
    }

    /// Sorts each layer, and keeps the order with the fewest crossings.
    pub(super) fn sort(&mut self) {
        let mut best = (self.crossings(), self.layers.clone());
        for sweep in 0..SWEEPS {
            let forward = sweep % 2 == 0;
            let neighbors = if forward { &self.before } else { &self.after };
            let mut place = self.places();
            for step in 0..self.layers.len() {
                let index = if forward {
                    step
                } else {
                    self.layers.len() - 1 - step
                };
                let Some(layer) = self.layers.get_mut(index) else {
                    continue;
                };
                let key = |point: &usize| {
                    let near = neighbors.get(*point).map_or(&[][..], Vec::as_slice);
                    let own = place.get(*point).copied().unwrap_or_default();
                    mean(near.iter().filter_map(|it| place.get(*it).copied())).unwrap_or(own)
                };
                let mut sorted: Vec<_> = layer.iter().map(|it| (key(it), *it)).collect();
                sorted.sort_by(|a, b| a.0.total_cmp(&b.0));
                *layer = sorted.into_iter().map(|(_, point)| point).collect();
                for (order, point) in layer.iter().enumerate() {
                    if let Some(it) = place.get_mut(*point) {
                        *it = number(order);
                    }
                }
            }
            let crossings = self.crossings();
            if crossings < best.0 {
                best = (crossings, self.layers.clone());
            }
        }
        self.layers = best.1;
    }

    /// Returns the index of each point in its layer.
    fn places(&self) -> Vec<f64> {
        let mut places = vec![0.0; self.layer.len()];
        for layer in &self.layers {
            for (order, point) in layer.iter().enumerate() {
                if let Some(it) = places.get_mut(*point) {
                    *it = number(order);
                }
            }
        }
        places
    }

    fn crossings(&self) -> usize {
        let places = self.places();
        let place = |point: usize| places.get(point).copied().unwrap_or_default();
        let mut crossings = 0;
        for layer in &self.layers {
            let ends = |from: &usize| {
                let after = self.after.get(*from).map_or(&[][..], Vec::as_slice);
                let from = place(*from);
                after.iter().map(move |to| (from, place(*to)))
            };
            let ends: Vec<_> = layer.iter().flat_map(ends).collect();
            for (index, a) in ends.iter().enumerate() {
                let cross = |b: &&(f64, f64)| (a.0 - b.0) * (a.1 - b.1) < 0.0;
                crossings += ends.iter().skip(index + 1).filter(cross).count();
            }
        }
        crossings
    }

    /// Returns the row of each point: near the mean of its neighbors, and at least one row from the
    /// next point in its layer.
    pub(super) fn rows(&self) -> Vec<f64> {
        let mut rows = self.places();
        let row = |rows: &[f64], point: usize| rows.get(point).copied().unwrap_or_default();
        for sweep in 0..2 * SWEEPS {
            for step in 0..self.layers.len() {
                let index = if sweep % 2 == 0 {
                    step
                } else {
                    self.layers.len() - 1 - step
                };
                let Some(layer) = self.layers.get(index) else {
                    continue;
                };
                let wish = |point: &usize| {
                    let all = [self.before.get(*point), self.after.get(*point)];
                    let near = all.into_iter().flatten().flatten();
                    mean(near.map(|it| row(&rows, *it))).unwrap_or(row(&rows, *point))
                };
                let wishes: Vec<f64> = layer.iter().map(wish).collect();
                // As high as the wishes allow, and as low; halfway between these, all points are
                // still apart.
                let mut down = wishes.clone();
                for at in 1..down.len() {
                    let least = row(&down, at - 1) + 1.0;
                    if let Some(it) = down.get_mut(at) {
                        *it = it.max(least);
                    }
                }
                let mut up = wishes;
                for at in (1..up.len()).rev() {
                    let most = row(&up, at) - 1.0;
                    if let Some(it) = up.get_mut(at - 1) {
                        *it = it.min(most);
                    }
                }
                for (at, point) in layer.iter().enumerate() {
                    let between = f64::midpoint(row(&down, at), row(&up, at));
                    if let Some(it) = rows.get_mut(*point) {
                        *it = between;
                    }
                }
            }
        }
        let first = rows.iter().copied().fold(f64::INFINITY, f64::min);
        rows.iter().map(|it| it - first).collect()
    }
}

fn mean(values: impl Iterator<Item = f64>) -> Option<f64> {
    let (sum, count) = values.fold((0.0, 0.0), |(sum, count), it| (sum + it, count + 1.0));
    (count > 0.0).then(|| sum / count)
}

#[allow(clippy::cast_precision_loss, reason = "there are at most some hundred")]
fn number(index: usize) -> f64 {
    index as f64
}
