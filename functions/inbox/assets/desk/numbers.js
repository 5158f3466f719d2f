// Numbers as documents print them, as exact decimals. Knows nothing of pages.

const LONGEST = 40;
const SYMBOLS = "$€£¥₹₩₽₺฿₪¢";
const CODES = "EUR|USD|GBP|CHF|CAD|AUD|NZD|JPY|CNY|INR|SEK|NOK|DKK|PLN|CZK|HUF|RON|BRL|MXN|ZAR|SGD|HKD|TRY|ILS|KRW|AED|US|CA|AU|Fr|Rs|kr|zł|Kč";
const BEFORE = new RegExp(`^(?:[^\\d]{0,24}[:=#(\\[|])?(?:[${SYMBOLS}]|(?:${CODES})\\.?(?=[\\s${SYMBOLS}\\d.,+−–-]))*`, "iu");
const AFTER = new RegExp(`(?:[${SYMBOLS}%²³°*×†)\\]:;!?.,]|(?<=[\\d\\s.,)])(?:${CODES}))$`, "iu");
const UNIT = /(?<=[\d\s.,)])\p{L}{1,4}$/u;

/** Whether two exact decimals, as `decimal` makes them, are the same but for their sign. */
export const sameSize = (one, other) => one.replace("-", "") === other.replace("-", "");

/** The exact decimal that JSON or a person wrote (`1249.90`, `-1.5e3`), in one spelling; none if it is no number. */
export function decimal(text) {
  const parts = /^([+-])?(\d{1,400})(?:\.(\d{1,400}))?(?:e([+-]?\d{1,3}))?$/i.exec(text);
  if (!parts) return null;
  return shifted(parts[1] === "-", parts[2], parts[3] ?? "", Number(parts[4] ?? 0));
}

/** The same number a hundred times smaller: what `19 %` says where the value is 0.19. */
export const hundredth = (number) => {
  const [whole, fraction = ""] = number.replace("-", "").split(".");
  return shifted(number.startsWith("-"), whole, fraction, -2);
};

function shifted(isNegative, whole, fraction, by) {
  let digits = whole + fraction;
  let point = whole.length + by;
  if (point < 0) {
    digits = "0".repeat(Math.min(-point, 1000)) + digits;
    point = 0;
  }
  digits = digits.padEnd(Math.min(point, 1400), "0");
  const before = digits.slice(0, point).replace(/^0+/, "") || "0";
  const after = trimmedZeros(digits.slice(point));
  const size = after ? `${before}.${after}` : before;
  return isNegative && size !== "0" ? `-${size}` : size;
}

// Not `/0+$/`: that takes quadratic time on zeros that are not at the end.
function trimmedZeros(digits) {
  let end = digits.length;
  while (end > 0 && digits[end - 1] === "0") end -= 1;
  return digits.slice(0, end);
}

/**
 * What a printed text may mean as a number: `{readings: [{number, sign}], isPercent}`, the readings being exact decimals and
 * `sign` the decimal sign that the reading takes for granted ("," or "."; none where nothing tells). None if it is not a number.
 */
export function readNumber(text) {
  if (text.length > LONGEST || !/\d/.test(text)) return null;
  let rest = text.replace(/[\u00a0\u202f\u2009]/g, " ").replace(/[−–‐‑]/g, "-").trim();
  const isBracketed = /^[^\d(]{0,8}\([^()]*\d[^()]*\)/.test(rest);
  let isNegative = isBracketed;
  // The sign stands before or behind the sign of the currency.
  for (let turn = 0; turn < 3; turn += 1) {
    rest = rest.replace(BEFORE, "").trim();
    const sign = /^([+-])\s?/.exec(rest);
    if (!sign) break;
    isNegative ||= sign[1] === "-";
    rest = rest.slice(sign[0].length);
  }
  // "12,-" and "12.--" are whole amounts.
  rest = rest.replace(/[.,](?:-|—){1,2}(?=\D*$)/, "");
  if (/\d-(?:\s?[^\d-]{0,4})$/.test(rest)) {
    isNegative = true;
    rest = rest.replace(/-(?=[^\d-]*$)/, "");
  }
  const { digits, isPercent } = withoutTail(rest);
  const readings = readDigits(digits).map(({ number, sign }) => ({ number: isNegative && number !== "0" ? `-${number}` : number, sign }));
  return readings.length > 0 ? { readings, isPercent } : null;
}

// One piece after the other: an expression for all of them would take exponential time.
function withoutTail(text) {
  let [rest, isPercent, mayHaveUnit] = [text, false, true];
  for (let turn = 0; turn < 8; turn += 1) {
    let tail = AFTER.exec(rest)?.[0];
    if (!tail && mayHaveUnit) {
      tail = UNIT.exec(rest)?.[0];
      mayHaveUnit = false;
    }
    if (!tail) break;
    isPercent ||= tail === "%";
    rest = rest.slice(0, rest.length - tail.length).trim();
  }
  return { digits: rest, isPercent };
}

function readDigits(text) {
  if (!/^\d[\d.,'’ ]*$/.test(text) && !/^[.,]\d+$/.test(text)) return [];
  const signs = [...text].filter((character) => !/\d/.test(character));
  if (signs.length === 0) return isIdentifier(text) ? [] : [{ number: decimal(text), sign: null }];
  const last = Math.max(text.lastIndexOf(","), text.lastIndexOf("."));
  const readings = [];
  // The last comma or stop is the decimal sign.
  if (last >= 0 && signs.filter((sign) => sign === text[last]).length === 1) {
    const whole = ungrouped(text.slice(0, last), text[last]);
    const fraction = text.slice(last + 1);
    if (whole !== null && /^\d{1,12}$/.test(fraction)) readings.push({ number: decimal(`${whole}.${fraction}`), sign: text[last] });
  }
  // Every one of them is between groups of digits.
  const whole = ungrouped(text, null);
  if (whole !== null) readings.push({ number: decimal(whole), sign: signs[0] === "," ? "." : signs[0] === "." ? "," : null });
  return readings.filter(({ number }) => number !== null);
}

// "007" and numbers of accounts are names, not amounts.
const isIdentifier = (text) => /^0\d/.test(text) || text.length > 18;

/** Digits without what is between their groups; none if they are grouped in another way. `sign` is the decimal sign behind. */
function ungrouped(text, sign) {
  if (text === "") return sign === null ? null : "0";
  const separators = new Set([...text].filter((character) => !/\d/.test(character)));
  if (separators.size === 0) return sign === null || isIdentifier(text) ? null : text;
  if (separators.size > 1 || separators.has(sign)) return null;
  const groups = text.split([...separators][0]);
  const first = groups.shift();
  const last = groups.pop();
  if (!/^[1-9]\d{0,2}$/.test(first) || !/^\d{3}$/.test(last)) return null;
  const thousands = groups.every((group) => /^\d{3}$/.test(group));
  const lakhs = separators.has(",") && first.length <= 2 && groups.length > 0 && groups.every((group) => /^\d{2}$/.test(group));
  return thousands || lakhs ? first + groups.join("") + last : null;
}
