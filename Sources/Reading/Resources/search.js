'use strict';
// Search in the page. By words: BM25 over stemmed words, weighted by where they stand. By meaning, where the page carries vectors of words
// and papers: a question is the sum of its words' vectors, rare words counting more, and papers near to it are found too.
const PaperSearch = (() => {
  const fields = [['slug', 4], ['title', 4], ['question', 3], ['topics', 3], ['family', 3], ['authors', 2], ['everyone', 2], ['organization', 2], ['summary', 1]];
  // How much the share of words that are found counts beside a cosine.
  const wordWeight = 1;
  const wordsOf = text => text.toLowerCase().normalize('NFD').replace(/\p{Mn}/gu, '').match(/[\p{L}\p{N}]+/gu) || [];
  const endings = /(?:ically|ations?|ities|ingly|edly|ings?|ness|ions?|ies|ers?|ed|es|al|ly|ic|s|e|y)$/;
  const stem = word => word.length > 4 ? word.replace(endings, '') : word.length > 3 ? word.replace(/s$/, '') : word;

  // ---- The index, made at the first search.
  let index;
  function indexed() {
    if (index) return index;
    const papers = JSON.parse(document.getElementById('papers-data').textContent);
    const postings = new Map(), frequency = new Map();
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
    });
    const places = new Map(papers.map((paper, place) => [paper.slug, place]));
    return index = { count: papers.length, postings, places, frequency };
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

  // ---- Vectors: one byte a number, decoded at the first search.
  let vectors;
  function decoded() {
    if (vectors !== undefined) return vectors;
    const holder = document.getElementById('meaning-data');
    if (!holder) return vectors = null;
    const { dimensions, words, wordVectors, papers, paperVectors } = JSON.parse(holder.textContent);
    const bytes = text => Int8Array.from(atob(text), letter => letter.charCodeAt(0) << 24 >> 24);
    return vectors = {
      dimensions, words: new Map(words.split(' ').map((word, place) => [word, place])), wordVectors: bytes(wordVectors),
      papers: new Map(papers.split(' ').map((slug, place) => [slug, place])), paperVectors: bytes(paperVectors),
    };
  }
  function byMeaning(query) {
    const space = decoded();
    if (!space) return null;
    const { count, frequency } = indexed(), sum = new Float64Array(space.dimensions);
    let known = 0;
    for (const word of new Set(wordsOf(query))) {
      const place = space.words.get(word);
      if (place === undefined) continue;
      known++;
      const vector = space.wordVectors.subarray(place * space.dimensions, (place + 1) * space.dimensions);
      const weight = rarity(count, frequency.get(word) || 0) / (Math.hypot(...vector) || 1);
      for (let d = 0; d < space.dimensions; d++) sum[d] += weight * vector[d];
    }
    if (!known) return null;
    const cosines = new Map();
    const length = Math.hypot(...sum) || 1;
    for (const [slug, place] of space.papers) {
      let product = 0, squares = 0;
      for (let d = 0; d < space.dimensions; d++) {
        const value = space.paperVectors[place * space.dimensions + d];
        product += sum[d] * value;
        squares += value * value;
      }
      cosines.set(slug, product / (length * Math.sqrt(squares || 1)));
    }
    return cosines;
  }

  // Papers with all words, then the nearest others, each best first.
  function rank(query, papers, limit = 20) {
    const { scores, have, words } = byWords(query), cosines = byMeaning(query), { places } = indexed();
    const scored = papers.map(paper => {
      const place = places.get(paper.slug), near = cosines && cosines.get(paper.slug) || 0;
      return { paper, score: near + wordWeight * scores[place], whole: words > 0 && have[place] === words, any: have[place] > 0 };
    }).sort((a, b) => b.score - a.score);
    const whole = scored.filter(one => one.whole);
    const near = words > 1 || !whole.length
      ? scored.filter(one => !one.whole && (cosines ? one.score > 0.15 : one.any)).slice(0, Math.max(0, limit - whole.length)) : [];
    return { whole: whole.map(one => one.paper), near: near.map(one => one.paper) };
  }
  return { rank, hasMeaning: () => !!decoded() };
})();
