'use strict';
// Search in the page. By words: BM25 over stemmed words, weighted by where they stand. By meaning, where the page carries vectors of words
// and papers: how near each word of the question comes to a word of the paper, and how near the sum of its words lies to the paper as a
// whole, rare words counting more. The three parts lie between 0 and 1 and are added.
const PaperSearch = (() => {
  const fields = [['slug', 4], ['title', 4], ['question', 3], ['topics', 3], ['family', 3], ['authors', 2], ['everyone', 2], ['organization', 2], ['summary', 1]];
  const wordsOf = text => text.toLowerCase().normalize('NFD').replace(/\p{Mn}/gu, '').match(/[\p{L}\p{N}]+/gu) || [];
  const endings = /(?:ically|ations?|ities|ingly|edly|ings?|ness|ions?|ies|ers?|ed|es|al|ly|ic|s|e|y)$/;
  const stem = word => word.length > 4 ? word.replace(endings, '') : word.length > 3 ? word.replace(/s$/, '') : word;

  // ---- The index, made at the first search.
  let index;
  function indexed() {
    if (index) return index;
    const papers = JSON.parse(document.getElementById('papers-data').textContent);
    const postings = new Map(), frequency = new Map(), plainWords = [];
    papers.forEach((paper, place) => {
      const plain = new Set();
      for (const [field, weight] of fields) {
        for (const word of wordsOf([].concat(paper[field] || '').join(' '))) {
          plain.add(word);
          const key = stem(word);
          let at = postings.get(key);
          if (!at) postings.set(key, at = new Map());
          at.set(place, (at.get(place) || 0) + weight);
        }
      }
      for (const word of plain) frequency.set(word, (frequency.get(word) || 0) + 1);
      plainWords.push(plain);
    });
    const places = new Map(papers.map((paper, place) => [paper.slug, place]));
    return index = { count: papers.length, postings, places, frequency, plainWords };
  }
  const rarity = (count, papers) => Math.log(1 + (count - papers + .5) / (papers + .5));

  // Each paper's score from 0 to 1, and how many of the words it has. The last word may be unfinished.
  function byWords(query) {
    const { count, postings } = indexed(), words = [...new Set(wordsOf(query))];
    const scores = new Float64Array(count), have = new Uint16Array(count);
    let possible = 0;
    words.forEach((word, nth) => {
      const key = stem(word);
      let at = postings.get(key);
      if (nth === words.length - 1 && word.length > 1) {
        const merged = new Map(at || []);
        for (const [other, where] of postings) {
          if (other.startsWith(word)) for (const [place, weight] of where) merged.set(place, Math.max(merged.get(place) || 0, weight));
        }
        at = merged;
      }
      if (!at || !at.size) return;
      const weight = rarity(count, at.size);
      possible += weight;
      for (const [place, sum] of at) {
        scores[place] += weight * sum / (sum + 2);
        have[place]++;
      }
    });
    if (possible > 0) for (let place = 0; place < count; place++) scores[place] /= possible;
    return { scores, have, words: words.length };
  }

  // ---- Vectors: one byte a number, decoded to unit length at the first search.
  let vectors;
  function decoded() {
    if (vectors !== undefined) return vectors;
    const holder = document.getElementById('meaning-data');
    if (!holder) return vectors = null;
    const { dimensions, words, wordVectors, papers, paperVectors } = JSON.parse(holder.textContent);
    const places = text => new Map(text.split(' ').map((name, place) => [name, place]));
    const known = places(words);
    return vectors = {
      dimensions, words: known, wordVectors: unitVectors(wordVectors, dimensions), papers: places(papers),
      paperVectors: unitVectors(paperVectors, dimensions),
      // The words of each paper that have a vector.
      paperWords: indexed().plainWords.map(plain => Uint32Array.from([...plain].filter(word => known.has(word)), word => known.get(word))),
    };
  }
  function unitVectors(text, dimensions) {
    const letters = atob(text), values = new Float32Array(letters.length);
    for (let start = 0; start < values.length; start += dimensions) {
      let squares = 0;
      for (let place = start; place < start + dimensions; place++) {
        values[place] = letters.charCodeAt(place) << 24 >> 24;
        squares += values[place] ** 2;
      }
      const scale = squares ? 1 / Math.sqrt(squares) : 0;
      for (let place = start; place < start + dimensions; place++) values[place] *= scale;
    }
    return values;
  }
  // The cosines of a vector with all of a list.
  function cosines(vector, list, dimensions) {
    const products = new Float32Array(list.length / dimensions);
    for (let row = 0, place = 0; row < products.length; row++) {
      let sum = 0;
      for (let d = 0; d < dimensions; d++) sum += vector[d] * list[place++];
      products[row] = sum;
    }
    return products;
  }

  // How near each paper is, from 0 to 2; null where no word has a vector.
  function byMeaning(query) {
    const space = decoded();
    if (!space) return null;
    const { count, frequency, places } = indexed(), { dimensions } = space;
    const near = new Float64Array(count), sum = new Float64Array(dimensions);
    let total = 0;
    for (const word of new Set(wordsOf(query))) {
      const place = space.words.get(word);
      if (place === undefined) continue;
      const vector = space.wordVectors.subarray(place * dimensions, (place + 1) * dimensions);
      const weight = rarity(count, frequency.get(word) || 0), products = cosines(vector, space.wordVectors, dimensions);
      total += weight;
      for (let d = 0; d < dimensions; d++) sum[d] += weight * vector[d];
      space.paperWords.forEach((words, paper) => {
        let best = 0;
        for (const other of words) if (products[other] > best) best = products[other];
        near[paper] += weight * best;
      });
    }
    if (!total) return null;
    for (let paper = 0; paper < count; paper++) near[paper] /= total;
    const length = Math.hypot(...sum) || 1, whole = cosines(sum.map(value => value / length), space.paperVectors, dimensions);
    for (const [slug, row] of space.papers) if (places.has(slug)) near[places.get(slug)] += Math.max(0, whole[row]);
    return near;
  }

  // Papers with all words, then the nearest others, each best first.
  function rank(query, papers, limit = 20) {
    const { scores, have, words } = byWords(query), near = byMeaning(query), { places } = indexed();
    const scored = papers.map(paper => {
      const place = places.get(paper.slug);
      return { paper, score: (near ? near[place] : 0) + scores[place], whole: words > 0 && have[place] === words, any: have[place] > 0 };
    }).sort((a, b) => b.score - a.score);
    const whole = scored.filter(one => one.whole);
    const others = words > 1 || !whole.length
      ? scored.filter(one => !one.whole && (near || one.any)).slice(0, Math.max(0, limit - whole.length)) : [];
    return { whole: whole.map(one => one.paper), near: others.map(one => one.paper) };
  }
  return { rank, hasMeaning: () => !!decoded(), prepare: () => { indexed(); decoded(); } };
})();
