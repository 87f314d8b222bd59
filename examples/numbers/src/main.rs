//! Answers sum, average, maximum and minimum of a list of numbers: `{"numbers": [1, 2, 3]}`.
//!
//! A CGI program: the request's body is stdin, the response's head and body go to stdout. The list is added up
//! while it is read, so its length does not matter for memory.

use std::fmt;
use std::io::{self, BufReader, Write};

use serde::de::{Deserializer, Error, SeqAccess, Visitor};
use serde::{Deserialize, Serialize};
use serde_json::{Number, Value};

#[derive(Deserialize)]
struct Request {
    numbers: Statistics,
}

/// What is known of the numbers that have been read.
struct Statistics {
    count: u64,
    sum: f64,
    max: f64,
    min: f64,
}

#[derive(Serialize)]
struct Answer {
    count: u64,
    sum: Number,
    average: Number,
    max: Number,
    min: Number,
}

impl Statistics {
    const NONE: Statistics = Statistics {
        count: 0,
        sum: 0.0,
        max: f64::NEG_INFINITY,
        min: f64::INFINITY,
    };

    fn add(&mut self, number: f64) {
        self.count += 1;
        self.sum += number;
        self.max = self.max.max(number);
        self.min = self.min.min(number);
    }

    fn answer(&self) -> Result<Answer, String> {
        if self.count == 0 {
            return Err("\"numbers\" is empty: there is no average of nothing".into());
        }
        if !self.sum.is_finite() {
            return Err("the sum is too large for a 64-bit floating-point number".into());
        }
        Ok(Answer {
            count: self.count,
            sum: json_number(self.sum),
            average: json_number(self.sum / self.count as f64),
            max: json_number(self.max),
            min: json_number(self.min),
        })
    }
}

/// A finite number as a person would write it: 6, not 6.0.
fn json_number(number: f64) -> Number {
    if number.fract() == 0.0 && number.abs() < 9_007_199_254_740_992.0 {
        Number::from(number as i64)
    } else {
        Number::from_f64(number).expect("the number is finite")
    }
}

impl<'de> Deserialize<'de> for Statistics {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(StatisticsVisitor)
    }
}

struct StatisticsVisitor;

impl<'de> Visitor<'de> for StatisticsVisitor {
    type Value = Statistics;

    fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.write_str("a list of numbers")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Statistics, A::Error> {
        let mut statistics = Statistics::NONE;
        while let Some(value) = list.next_element::<Value>()? {
            let number = value.as_f64().ok_or_else(|| {
                A::Error::custom(format_args!(
                    "\"numbers\"[{}] is not a number but {}",
                    statistics.count,
                    kind(&value)
                ))
            })?;
            statistics.add(number);
        }
        Ok(statistics)
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

fn answer() -> Result<Answer, String> {
    let request: Request =
        serde_json::from_reader(BufReader::with_capacity(64 << 10, io::stdin())).map_err(|e| e.to_string())?;
    request.numbers.answer()
}

fn main() -> io::Result<()> {
    let (status, body) = match answer() {
        Ok(answer) => ("200 OK", serde_json::to_string(&answer)?),
        Err(why) => ("400 Bad Request", serde_json::json!({ "error": why }).to_string()),
    };
    write!(io::stdout(), "Status: {status}\nContent-Type: application/json\n\n{body}\n")
}
