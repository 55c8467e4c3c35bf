//! GEO_DISTANCE.

use super::rows::{map4, map5};
use crate::{Registry, Scalar};

const EARTH_RADIUS_KM: f64 = 6371.0;
const EARTH_RADIUS_MILES: f64 = 3959.0;

/// Adds the functions of this file.
pub fn register(registry: &mut Registry) {
    registry.add_scalar(geo_distance());
}

fn geo_distance() -> Scalar {
    Scalar::new(
        "GEO_DISTANCE",
        "GEOGRAPHY",
        "The great-circle distance between two points (latitude, longitude twice, in degrees), in KM or MILES.",
    )
    .overload("(DOUBLE, DOUBLE, DOUBLE, DOUBLE) -> DOUBLE", |call| {
        map4(call, |lat1, lon1, lat2, lon2| distance(lat1, lon1, lat2, lon2, EARTH_RADIUS_KM))
    })
    .overload("(DOUBLE, DOUBLE, DOUBLE, DOUBLE, STRING) -> DOUBLE", |call| {
        map5(call, |lat1, lon1, lat2, lon2, unit: Option<&str>| {
            distance(lat1, lon1, lat2, lon2, radius(unit)?)
        })
    })
}

/// Of the globe in a unit; without one, in kilometres.
fn radius(unit: Option<&str>) -> Result<f64, String> {
    let unit = unit.unwrap_or("").to_uppercase();
    if unit.is_empty() || unit.starts_with("KM") {
        Ok(EARTH_RADIUS_KM)
    } else if unit.starts_with("MI") {
        Ok(EARTH_RADIUS_MILES)
    } else {
        Err(format!("the unit of a distance is KM or MILES, not '{unit}'"))
    }
}

/// The haversine formula.
fn distance(lat1: f64, lon1: f64, lat2: f64, lon2: f64, radius: f64) -> Result<f64, String> {
    for (name, value, limit) in [
        ("latitude", lat1, 90.0),
        ("latitude", lat2, 90.0),
        ("longitude", lon1, 180.0),
        ("longitude", lon2, 180.0),
    ] {
        if !(-limit..=limit).contains(&value) {
            return Err(format!("a {name} is between -{limit} and {limit}, not {value}"));
        }
    }
    let half_chord = |from: f64, to: f64| ((to - from).to_radians() / 2.0).sin();
    let (lat_chord, lon_chord) = (half_chord(lat1, lat2), half_chord(lon1, lon2));
    let a = lat_chord * lat_chord
        + lon_chord * lon_chord * lat1.to_radians().cos() * lat2.to_radians().cos();
    Ok(radius * 2.0 * a.sqrt().asin())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_on_the_globe() {
        let palo_alto_to_london = |unit| {
            distance(37.4439, -122.1663, 51.5257, -0.1122, radius(unit).expect("a unit"))
                .expect("on the globe")
        };
        assert!((palo_alto_to_london(Some("km")) - 8634.6598).abs() < 0.1);
        assert_eq!(palo_alto_to_london(None), palo_alto_to_london(Some("KM")));
        assert!((palo_alto_to_london(Some("Miles")) - 5365.66).abs() < 0.5);
        let meridian = distance(0.0, 0.0, 90.0, 0.0, EARTH_RADIUS_KM).expect("on the globe");
        assert!((meridian - EARTH_RADIUS_KM * std::f64::consts::FRAC_PI_2).abs() < 1e-9);
        assert!(radius(Some("yards")).is_err());
        assert!(distance(91.0, 0.0, 0.0, 0.0, 1.0).is_err());
    }
}
