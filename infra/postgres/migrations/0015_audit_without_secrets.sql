-- Up Migration
-- Until now a client that was refused stood in the audit under the user name it sent. ThingsBoard firmware sends its secret
-- there. Such a row gets the id of its device, or where the secret is unknown the beginning of a hash, as new rows do.
UPDATE audit SET actor = coalesce(
    (SELECT device_id FROM device_credentials WHERE secret_sha256 = sha256(convert_to(actor, 'UTF8')) LIMIT 1),
    '#' || left(encode(sha256(convert_to(actor, 'UTF8')), 'hex'), 8))
  WHERE actor ~ '^[A-Za-z0-9_-]{43}$' AND NOT EXISTS (SELECT FROM devices WHERE id = actor);
UPDATE audit SET subject = coalesce(
    (SELECT device_id FROM device_credentials WHERE secret_sha256 = sha256(convert_to(subject, 'UTF8')) LIMIT 1),
    '#' || left(encode(sha256(convert_to(subject, 'UTF8')), 'hex'), 8))
  WHERE subject ~ '^[A-Za-z0-9_-]{43}$' AND NOT EXISTS (SELECT FROM devices WHERE id = subject);
