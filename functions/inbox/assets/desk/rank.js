// Which of several places is the likelier one: near the field's label, below the right heading, near its neighbours' places.

import { PARTY_NAMES, PHRASES, namesOf } from "./labels.js";

/** Occurrences of one phrase that are looked at on a page. */
const OCCURRENCES = 40;

/** All labels on the pages, the longest phrase at each place: "Sub total" is no "total". */
export function findLabels(index, fields) {
  const names = fields.map(namesOf);
  const phrases = new Map();
  const add = (phrase, known) => {
    const tokens = phrase.split(" ");
    const list = phrases.get(tokens[0]) ?? [];
    if (!list.some((other) => other.phrase === phrase)) list.push({ phrase, tokens, known });
    phrases.set(tokens[0], list);
  };
  for (const phrase of PHRASES.keys()) add(phrase, true);
  for (const { phrases: own } of names) for (const phrase of own.keys()) if (phrase.length < 80) add(phrase, false);
  for (const list of phrases.values()) list.sort((one, other) => other.tokens.length - one.tokens.length).splice(60);
  const byPhrase = new Map();
  const byLine = new Map();
  for (const line of index.lines) scanLine(line, phrases, byPhrase, byLine);
  return { names, byPhrase, byLine };
}

function scanLine(line, phrases, byPhrase, byLine) {
  let [place, at] = [0, 0];
  while (place < line.words.length) {
    const word = line.words[place];
    const longest = at < word.tokens.length && longestAt(line, place, at, phrases);
    if (longest) {
      keep(byPhrase, `${word.page} ${longest.phrase}`, longest, OCCURRENCES);
      keep(byLine, line.id, longest, 60);
      [place, at] = [longest.lastPlace, longest.lastAt];
    }
    if (at + 1 < line.words[place].tokens.length) at += 1;
    else [place, at] = [place + 1, 0];
  }
}

function keep(map, key, value, most) {
  const known = map.get(key);
  if (!known) map.set(key, [value]);
  else if (known.length < most) known.push(value);
}

function longestAt(line, place, at, phrases) {
  for (const phrase of phrases.get(line.words[place].tokens[at]) ?? []) {
    const found = matched(line, place, at, phrase);
    if (found) return found;
  }
  return null;
}

function matched(line, place, at, { phrase, tokens, known }) {
  let [lastPlace, lastAt] = [place, at];
  for (let token = 1; token < tokens.length; token += 1) {
    lastAt += 1;
    while (lastAt >= line.words[lastPlace].tokens.length) {
      const [before, next] = [line.words[lastPlace], line.words[lastPlace + 1]];
      if (!next || next.left - before.right > 1.2 * before.height) return null;
      [lastPlace, lastAt] = [lastPlace + 1, 0];
    }
    if (line.words[lastPlace].tokens[lastAt] !== tokens[token]) return null;
  }
  const [first, last] = [line.words[place], line.words[lastPlace]];
  const isColon = /[:#]$/.test(last.text) || line.words[lastPlace + 1]?.text === ":";
  return {
    phrase, known, isColon, firstPlace: place, lastPlace, lastAt, line: line.id, page: first.page, words: line.words.slice(place, lastPlace + 1),
    left: first.left, right: last.right, top: first.top, bottom: first.bottom, height: first.height,
  };
}

/** Scores each candidate of a field by its cost, its label and its party's heading. */
export function scoreByLabels(index, labels, at, candidates, isText) {
  const { phrases, party, isSum } = labels.names[at];
  const ofPage = new Map();
  for (const found of candidates) {
    if (!ofPage.has(found.page)) ofPage.set(found.page, occurrences(labels, found.page, phrases));
    found.label = 0;
    for (const { occurrence, weight } of ofPage.get(found.page)) {
      const near = weight * nearness(index, occurrence, found, isText);
      if (near > found.label) {
        found.label = near;
        found.labelled = occurrence;
      }
    }
    found.other = isOthers(index, labels, found, phrases) ? 0.25 : 0;
    found.party = party ? partyScore(labels, party, found) : 0;
    if (isSum && found.label > 0 && isTotalLine(labels, found)) found.label = Math.min(1, found.label + 0.15);
    found.score = 1 - found.cost + 0.9 * found.label - found.other + found.party - 0.004 * Math.min(found.page, 20);
  }
}

/** The labels of a field on a page, each with its weight. */
export function occurrences(labels, page, phrases) {
  const found = [];
  for (const [phrase, weight] of phrases) {
    for (const occurrence of labels.byPhrase.get(`${page} ${phrase}`) ?? []) found.push({ occurrence, weight });
  }
  return found.slice(0, 4 * OCCURRENCES);
}

/** How near a label and a place are, 0 to 1: on one line, or the label above it as a heading is. */
export function nearness(index, label, found, isText = false) {
  if (label.page !== found.page) return 0;
  const unit = found.height;
  const overlap = Math.min(label.bottom, found.bottom) - Math.max(label.top, found.top);
  if (overlap > 0.4 * Math.min(label.height, unit)) {
    if (label.left <= found.left) {
      // "Total:8,554.62" is one word.
      if (label.right > found.left + 0.2 * unit && !found.words.includes(label.words.at(-1))) return 0;
      const gap = Math.max(0, found.left - label.right) / unit;
      const blocked = label.line === found.line ? between(index, label, found, isText) : 0;
      return (1 - 0.4 * Math.min(1, gap / 45)) * (label.isColon ? 1.05 : 1) * 0.6 ** Math.min(blocked, 4);
    }
    return label.left - found.right < 2 * unit && label.left >= found.right - 0.2 * unit ? 0.3 : 0;
  }
  const down = (found.top - label.bottom) / unit;
  if (down < -0.5) return 0;
  const isInColumn = Math.min(label.right, found.right) - Math.max(label.left, found.left) > 0
    || Math.abs(label.right - found.right) < 0.8 * unit || Math.abs(label.left - found.left) < 0.8 * unit;
  if (isInColumn) return down < 2.2 ? 0.85 : Math.max(0.3, 0.7 - down / 80);
  return down < 2 && Math.abs(label.left - found.left) < 8 * unit ? 0.2 : 0;
}

/** Values between a label and a place on its line. */
function between(index, label, found, isText) {
  const words = index.lines[label.line].words;
  let count = 0;
  for (let place = label.lastPlace + 1, tried = 0; place < found.words[0].place && tried < 40; place += 1, tried += 1) {
    const word = words[place];
    const isValue = index.numbered.has(word.id) || index.dated.has(word.id);
    if (isText ? word.tokens.length > 0 : isValue) count += isText ? 0.5 : 1;
  }
  return count;
}

/** Whether the label directly before a place is that of something else. */
export function isOthers(index, labels, found, phrases) {
  let nearest = null;
  for (const label of labels.byLine.get(found.line) ?? []) {
    if (label.right <= found.left + 0.01 && (!nearest || label.right > nearest.right)) nearest = label;
  }
  if (!nearest || !nearest.known || phrases.has(nearest.phrase)) return false;
  return (found.left - nearest.right) / found.height < 30 && between(index, nearest, found, false) === 0;
}

/** Whether a line begins with "Total": below the heading of a column, that line has the sum. */
function isTotalLine(labels, found) {
  const [first] = labels.byLine.get(found.line) ?? [];
  return first !== undefined && first.left < found.left && SUMS.test(first.phrase);
}

const SUMS = /^(?:grand |sous |sub)?(?:total|gesamt|summe|totaal|totale|importe total)/;

/** How well a place suits the party that its field is of: the heading above it is that party's, or another's. */
function partyScore(labels, party, found) {
  let [mine, others] = [0, 0];
  for (const [phrase, names] of PHRASES) {
    const isParty = names.some((name) => PARTY_NAMES.has(name));
    if (!isParty) continue;
    for (const heading of labels.byPhrase.get(`${found.page} ${phrase}`) ?? []) {
      const near = below(heading, found);
      if (names.includes(party.name)) mine = Math.max(mine, near);
      else others = Math.max(others, near);
    }
  }
  return mine >= others ? 0.4 * mine : -0.3 * others;
}

function below(heading, found) {
  const unit = found.height;
  const down = (found.top - heading.top) / unit;
  const aside = (found.left - heading.left) / unit;
  if (down < -0.5 || down > 16 || aside < -2 || aside > 28) return 0;
  return (1 - down / 20) * (1 - Math.max(0, aside) / 40);
}

/** Places of fields with the same parent are near each other: scores each by how near the likeliest ones of the others are. */
export function scoreByNeighbours(groups) {
  for (const group of groups) {
    const sure = group.map((candidates) => ({ best: candidates[0], weight: 1 / Math.min(candidates.length, 8) })).filter(({ best }) => best);
    if (sure.length < 2) continue;
    sure.sort((one, other) => other.weight - one.weight).splice(24);
    for (const candidates of group) {
      for (const found of candidates) {
        let [sum, weights] = [0, 0];
        for (const { best, weight } of sure) {
          if (candidates[0] === best) continue;
          sum += weight * proximity(found, best);
          weights += weight;
        }
        found.neighbours = weights > 0 ? sum / weights : 0;
      }
    }
    for (const candidates of group) {
      for (const found of candidates) found.score += 0.5 * found.neighbours;
      candidates.sort((one, other) => other.score - one.score);
    }
  }
}

function proximity(one, other) {
  if (one.page !== other.page) return 0;
  const down = Math.max(0, Math.max(one.top, other.top) - Math.min(one.bottom, other.bottom)) / one.height;
  const aside = Math.max(0, Math.max(one.left, other.left) - Math.min(one.right, other.right)) / one.height;
  return Math.max(0, 1 - down / 14) * Math.max(0, 1 - aside / 50);
}
