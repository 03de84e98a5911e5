-- Up Migration
-- Users of an external identity provider. They are who the provider says: its issuer and its subject, never their e-mail
-- address, which a provider may give to another person.
ALTER TABLE users
  ADD COLUMN oidc_issuer   text,
  ADD COLUMN oidc_subject  text,
  ADD CONSTRAINT users_oidc CHECK ((oidc_issuer IS NULL) = (oidc_subject IS NULL));
CREATE UNIQUE INDEX users_oidc_subject ON users (oidc_issuer, oidc_subject);
