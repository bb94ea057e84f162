//! Pure text: parse with spans, locate, splice, prove. Never re-emits YAML.
