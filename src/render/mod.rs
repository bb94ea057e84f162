//! The only maker of text: values in, text or JSON out.
