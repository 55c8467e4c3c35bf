CREATE DATABASE `call-center`;
CREATE USER 'example-user'@'%' IDENTIFIED BY 'example-pw';
GRANT ALL PRIVILEGES ON *.* TO 'example-user'@'%' WITH GRANT OPTION;
USE `call-center`;
CREATE TABLE calls (name TEXT, reason TEXT, duration_seconds INT);
INSERT INTO calls (name, reason, duration_seconds) VALUES
  ('michael', 'purchase', 540), ('michael', 'help', 224), ('colin', 'help', 802),
  ('derek', 'purchase', 10204), ('derek', 'help', 600), ('colin', 'refund', 105),
  ('michael', 'help', 2030), ('colin', 'purchase', 800), ('derek', 'help', 2514),
  ('derek', 'refund', 325);
