//! One test, every database: the macro that makes a test of each flavour out of one function.

/// Makes two tests, `mariadb::name` and `mysql::name`, of each named function, which takes a
/// [`Flavour`](crate::database::Flavour).
#[macro_export]
macro_rules! on_each_database {
    ($($name:ident),+ $(,)?) => {
        $crate::on_each_database!(@on mariadb MariaDb $($name)+);
        $crate::on_each_database!(@on mysql MySql $($name)+);
    };
    (@on $module:ident $flavour:ident $($name:ident)+) => {
        mod $module {
            $(
                #[test]
                fn $name() {
                    super::$name($crate::database::Flavour::$flavour);
                }
            )+
        }
    };
}
