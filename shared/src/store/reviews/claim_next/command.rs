//! What an earlier attempt of the same claim-next command did, by its COMMAND.

use crate::review::{CommandContext, OrganizationId, Refusal, ReviewId};
use crate::store::error::StoreError;
use crate::store::handle::Store;
use crate::store::items::lease::CommandItem;
use crate::store::outcome::Outcome;
use crate::store::table::{codec, keys};

impl Store {
    /// The outcome of an earlier attempt of this command, if there was one: its claim, or that the claim has ended.
    pub(in crate::store) async fn command_done(
        &self,
        organization: &OrganizationId,
        context: &CommandContext,
    ) -> Result<Option<Outcome>, StoreError> {
        let Some(id) = self.claimed_by_command(organization, context).await? else { return Ok(None) };
        let Some(overlay) = self.load(&id).await? else { return Ok(None) };
        Ok(match self.command(&overlay.review, &overlay.older_audit, context).await?.first() {
            None => None,
            Some(entry) if entry.request == context.request => {
                let claim = overlay.review.claim_at(context.at);
                if !claim.is_some_and(|claim| claim.holder.is(&context.actor)) {
                    return Ok(Some(Outcome::Refused(Refusal::ClaimEnded, Box::new(overlay.review))));
                }
                self.restore_lease(&overlay.review, context).await?;
                Some(Outcome::done(overlay, true))
            }
            Some(_) => Some(Outcome::Refused(Refusal::CommandIdReused, Box::new(overlay.review))),
        })
    }

    /// The review that the command claimed.
    pub(in crate::store) async fn claimed_by_command(
        &self,
        organization: &OrganizationId,
        context: &CommandContext,
    ) -> Result<Option<ReviewId>, StoreError> {
        let Some(command) = &context.command_id else { return Ok(None) };
        let item = self.get(keys::holder(organization, &context.actor), keys::command(command)).await?;
        let item = item.map(codec::decode_item::<CommandItem>).transpose()?;
        item.map(|item| keys::parse_review(&item.review)).transpose()
    }
}
