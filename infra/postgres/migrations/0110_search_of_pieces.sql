-- Up Migration
-- The search finds lots by their numbers, and single pieces by their serials.

CREATE TRIGGER search_words AFTER INSERT OR DELETE OR UPDATE OF number ON lots
  FOR EACH ROW EXECUTE FUNCTION keep_search_words('lot', 'number');
CREATE TRIGGER search_words AFTER INSERT OR DELETE OR UPDATE OF serial ON serials
  FOR EACH ROW EXECUTE FUNCTION keep_search_words('serial', 'serial');

INSERT INTO search_words
  SELECT 'lot', w.later, w.words, l.id::text FROM lots l, search_words_of(ARRAY[l.number]) w
  UNION ALL SELECT 'serial', w.later, w.words, s.id::text FROM serials s, search_words_of(ARRAY[s.serial]) w
  ON CONFLICT DO NOTHING;
