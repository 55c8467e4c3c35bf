-- 100,000 customers in eight cities and one order each, made by the database itself.
CREATE DATABASE shop;
USE shop;
CREATE TABLE customers (id BIGINT PRIMARY KEY, name VARCHAR(40) NOT NULL, city VARCHAR(20) NOT NULL);
INSERT INTO customers
  SELECT seq, CONCAT('customer ', seq),
         ELT(1 + seq % 8, 'Athens', 'Bergen', 'Cork', 'Delft', 'Essen', 'Faro', 'Graz', 'Hull')
  FROM seq_1_to_100000;
CREATE TABLE orders (
  id BIGINT PRIMARY KEY, customer_id BIGINT NOT NULL, city VARCHAR(20) NOT NULL,
  amount DECIMAL(10, 2) NOT NULL
);
INSERT INTO orders
  SELECT id, id, city, 5 + (id * 37 % 20000) / 100 FROM customers;
