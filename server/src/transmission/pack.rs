//! Packing a file so that only who knows the password can open it, with a program that every office has (M12).

use std::io::Cursor;

use sevenz_rust2::{
    ArchiveEntry, ArchiveWriter, EncoderConfiguration, EncoderMethod, Password as ArchivePassword,
    encoder_options::AesEncoderOptions,
};
use zeroize::Zeroizing;

use super::Password;

/// How often the password is hashed, as a power of two: as 7-Zip itself does.
const CYCLES_POWER: u8 = 19;

/// It could not be packed. The library's own message may quote what was packed, so it goes no further.
#[derive(Debug, thiserror::Error)]
#[error("the form could not be packed")]
pub struct PackError;

/// Packs one file in memory.
pub trait Packer: Send + Sync {
    /// The packed file.
    ///
    /// # Errors
    /// Where it cannot be packed.
    fn pack(
        &self,
        file_name: &str,
        body: &[u8],
        password: &Password,
    ) -> Result<Zeroizing<Vec<u8>>, PackError>;
}

/// A 7z archive: AES-256, file names encrypted too.
#[derive(Debug, Clone, Copy, Default)]
pub struct SevenZip;

impl Packer for SevenZip {
    fn pack(
        &self,
        file_name: &str,
        body: &[u8],
        password: &Password,
    ) -> Result<Zeroizing<Vec<u8>>, PackError> {
        let mut encryption = AesEncoderOptions::new(ArchivePassword::new(password.expose()));
        encryption.num_cycles_power = CYCLES_POWER;
        let methods = vec![
            EncoderConfiguration::from(encryption),
            EncoderConfiguration::new(EncoderMethod::LZMA2),
        ];
        let mut writer = ArchiveWriter::new(Cursor::new(Vec::new())).map_err(|_| PackError)?;
        writer.set_content_methods(methods);
        writer.set_encrypt_header(true);
        let mut entry = ArchiveEntry::new();
        file_name.clone_into(&mut entry.name);
        writer
            .push_archive_entry(entry, Some(body))
            .map_err(|_| PackError)?;
        let packed = writer.finish().map_err(|_| PackError)?;
        Ok(Zeroizing::new(packed.into_inner()))
    }
}
