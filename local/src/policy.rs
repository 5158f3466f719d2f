//! `holdpoint policy`: policies of workflows, in the embedded store or in a table elsewhere.

use crate::cli::{Data, PolicyCommand, PolicyOf};
use crate::{keys, now};
use dry_run_policy::{DryRun, dry_run};
use local::{Error, api_keys};
use put_policy::rules;
use shared::review::{Actor, OrganizationId, Policy, Rev, WorkflowId};
use shared::store::{PolicyStamp, PutPolicy, Store};
use std::io::Read;
use std::path::Path;

/// Runs one command.
pub(crate) async fn policy(data: &Data, command: PolicyCommand) -> Result<(), Error> {
    match command {
        PolicyCommand::Get(of) => {
            let (organization, workflow) = names(&of)?;
            let opened = keys::existing(data, false).await?;
            let stored = opened.store.stored_policy(&organization, &workflow).await?;
            let Some((stored, blocks)) =
                stored.and_then(|stored| stored.blocks.clone().map(|it| (stored, it)))
            else {
                return Err(Error::Usage(format!("{workflow} has no policy")));
            };
            println!("{}", blocks.as_str());
            let by = &stored.updated_by.display_name;
            eprintln!("rev {}, changed {} by {by}", stored.rev.0, stored.updated_at);
            Ok(())
        }
        PolicyCommand::Put { of, file, version_stamp } => {
            let policy = read(&file)?;
            change(data, &of, Some(policy), version_stamp).await
        }
        PolicyCommand::Delete { of, version_stamp } => change(data, &of, None, version_stamp).await,
        PolicyCommand::Check { of, file, against } => {
            let (organization, workflow) = names(&of)?;
            let policy = read(&file)?;
            println!("The policy is valid: {} rules.", policy.blocks.len());
            let Some(limit) = against else { return Ok(()) };
            let opened = keys::existing(data, false).await?;
            let found = dry_run(&opened.store, &organization, &workflow, &policy, limit.into()).await?;
            print_found(&found);
            Ok(())
        }
    }
}

fn names(of: &PolicyOf) -> Result<(OrganizationId, WorkflowId), Error> {
    let organization = OrganizationId::parse(&of.organization);
    let organization = organization.map_err(|fault| Error::Usage(format!("the organization {fault}")))?;
    let workflow = WorkflowId::parse(&of.workflow);
    Ok((organization, workflow.map_err(|fault| Error::Usage(format!("the workflow {fault}")))?))
}

/// Rules from a file, or from standard input.
fn read(file: &Path) -> Result<Policy, Error> {
    let unreadable = |error: std::io::Error| Error::Usage(format!("{}: {error}", file.display()));
    // One byte more than there may be: a file that goes on is refused, not read.
    let most = Policy::MAX_BYTES as u64 + 1;
    let mut text = String::new();
    if file == Path::new("-") {
        std::io::stdin().lock().take(most).read_to_string(&mut text).map_err(unreadable)?;
    } else {
        std::fs::File::open(file)
            .map_err(unreadable)?
            .take(most)
            .read_to_string(&mut text)
            .map_err(unreadable)?;
    }
    rules::from_text(&text).map_err(|faults| {
        let faults =
            faults.listed().iter().map(|fault| format!("\n  {}: {}", fault.loc.join("."), fault.message));
        Error::Usage(format!("{} is not a policy:{}", file.display(), faults.collect::<String>()))
    })
}

async fn change(
    data: &Data,
    of: &PolicyOf,
    policy: Option<Policy>,
    version_stamp: Option<u64>,
) -> Result<(), Error> {
    let (organization, workflow) = names(of)?;
    if policy.is_some() && !Policy::can_be_of(&workflow) {
        return Err(Error::Usage(format!("a workflow with the name {workflow} can have no policy")));
    }
    let store: Store = keys::existing(data, policy.is_some()).await?.store;
    let stamp = match version_stamp {
        Some(stamp) => Rev(stamp),
        None => store.stored_policy(&organization, &workflow).await?.map_or(Rev(0), |stored| stored.rev),
    };
    let change = PolicyStamp { stamp, by: operator()?, at: now() };
    match store.put_policy(&organization, &workflow, policy.as_ref(), &change).await? {
        PutPolicy::Done(stored) if stored.blocks.is_some() => {
            eprintln!("The policy of {workflow} is at rev {}.", stored.rev.0);
            Ok(())
        }
        PutPolicy::Done(_) => {
            eprintln!("{workflow} has no policy any more.");
            Ok(())
        }
        PutPolicy::Missing => Err(Error::Usage(format!("{workflow} has no policy"))),
        PutPolicy::Stale(policy) => {
            let rev = policy.map_or(0, |policy| policy.rev.0);
            Err(Error::Usage(format!("the policy of {workflow} is at rev {rev}, not {}", stamp.0)))
        }
    }
}

/// Who changes a policy by the command line: it asks for no key.
fn operator() -> Result<Actor, Error> {
    api_keys::actor("agent", "holdpoint-cli", "holdpoint policy")
}

fn print_found(found: &DryRun) {
    let DryRun { looked_at, held, not_held, without_predicate, not_fitting, .. } = found;
    println!("Of the last {looked_at} reviews, this would have held {held}, and not held {not_held}.");
    println!(
        "There are reviews of outputs that were held only: outputs that passed are not kept, and so are not counted."
    );
    if *without_predicate > 0 {
        println!("{without_predicate} are of blocks without a predicate here.");
    }
    if *not_fitting > 0 {
        println!("{not_fitting} are of blocks whose type the predicate cannot be asked of.");
    }
    if !found.is_complete {
        println!("There was no time for more.");
    }
    for block in &found.by_block {
        println!("  {}: {} of {}", block.block_id, block.held, block.looked_at);
    }
}
